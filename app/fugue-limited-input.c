/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "fugue-limited-input.h"

struct _FugueLimitedInput
{
  GFilterInputStream parent_instance;

  gint               n_left;            /* (atomic): bytes; −1 without a limit */
};

static void pollable_init (GPollableInputStreamInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FugueLimitedInput, fugue_limited_input, G_TYPE_FILTER_INPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_INPUT_STREAM, pollable_init))

/* How many of @count bytes may be read now; 0 with @error set when there are none left. */
static gsize
allow (FugueLimitedInput *self, gsize count, GError **error)
{
  gint n_left = g_atomic_int_get (&self->n_left);

  if (n_left == 0)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "There is no end to what came.");
  return n_left < 0 ? count : MIN (count, (gsize) n_left);
}

static gssize
note (FugueLimitedInput *self, gssize n)
{
  gint n_left = g_atomic_int_get (&self->n_left);

  /* A limit that was lifted meanwhile stays so. */
  if (n > 0 && n_left > 0)
    g_atomic_int_compare_and_exchange (&self->n_left, n_left, n_left - (gint) n);
  return n;
}

static gssize
fugue_limited_input_read (GInputStream *stream, void *buffer, gsize count, GCancellable *cancellable, GError **error)
{
  FugueLimitedInput *self = FUGUE_LIMITED_INPUT (stream);
  GInputStream      *base = g_filter_input_stream_get_base_stream (G_FILTER_INPUT_STREAM (stream));

  if (count > 0 && (count = allow (self, count, error)) == 0)
    return -1;
  return note (self, g_input_stream_read (base, buffer, count, cancellable, error));
}

static GPollableInputStream *
get_base (GPollableInputStream *stream)
{
  return G_POLLABLE_INPUT_STREAM (g_filter_input_stream_get_base_stream (G_FILTER_INPUT_STREAM (stream)));
}

static gboolean
can_poll (GPollableInputStream *stream)
{
  return g_pollable_input_stream_can_poll (get_base (stream));
}

static gboolean
is_readable (GPollableInputStream *stream)
{
  return g_pollable_input_stream_is_readable (get_base (stream));
}

static GSource *
create_source (GPollableInputStream *stream, GCancellable *cancellable)
{
  g_autoptr (GSource) base = g_pollable_input_stream_create_source (get_base (stream), cancellable);

  return g_pollable_source_new_full (stream, base, NULL);
}

static gssize
read_nonblocking (GPollableInputStream *stream, void *buffer, gsize count, GError **error)
{
  FugueLimitedInput *self = FUGUE_LIMITED_INPUT (stream);

  if (count > 0 && (count = allow (self, count, error)) == 0)
    return -1;
  return note (self, g_pollable_input_stream_read_nonblocking (get_base (stream), buffer, count, NULL, error));
}

static void
pollable_init (GPollableInputStreamInterface *iface)
{
  iface->can_poll = can_poll;
  iface->is_readable = is_readable;
  iface->create_source = create_source;
  iface->read_nonblocking = read_nonblocking;
}

static void
fugue_limited_input_class_init (FugueLimitedInputClass *klass)
{
  G_INPUT_STREAM_CLASS (klass)->read_fn = fugue_limited_input_read;
}

static void
fugue_limited_input_init (FugueLimitedInput *self)
{
}

GInputStream *
fugue_limited_input_new (GInputStream *base, guint n_bytes)
{
  FugueLimitedInput *self = g_object_new (FUGUE_TYPE_LIMITED_INPUT, "base-stream", base, NULL);

  self->n_left = (gint) n_bytes;
  return G_INPUT_STREAM (self);
}

void
fugue_limited_input_lift (FugueLimitedInput *self)
{
  g_atomic_int_set (&self->n_left, -1);
}
