/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Counting is the engine's: only it has the tokenizer of the model. An answer is taken if the text is still the one that was
 * asked about.
 */

#include "config.h"

#include "fugue-caption-entry.h"

#include <glib/gi18n.h>
#include <string.h>

/* Milliseconds after the last key before the engine is asked. */
#define COUNT_DELAY 200

struct _FugueCaptionEntry
{
  GtkWidget        parent_instance;

  /* children */
  GtkWidget       *header;
  GtkWidget       *note;                /* in header */
  GtkWidget       *entry;

  /* owned */
  FugueEnginePool *pool;                /* nullable */
  GCancellable    *cancellable;         /* of the question that is under way; nullable */

  guint            timeout_id;
};

G_DEFINE_FINAL_TYPE (FugueCaptionEntry, fugue_caption_entry, GTK_TYPE_WIDGET)

enum
{
  PROP_TEXT = 1,
  N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];

const char *
fugue_caption_entry_get_text (FugueCaptionEntry *self)
{
  g_return_val_if_fail (FUGUE_IS_CAPTION_ENTRY (self), NULL);
  return gtk_editable_get_text (GTK_EDITABLE (self->entry));
}

GtkWidget *
fugue_caption_entry_get_entry (FugueCaptionEntry *self)
{
  g_return_val_if_fail (FUGUE_IS_CAPTION_ENTRY (self), NULL);
  return self->entry;
}

const char *
fugue_caption_entry_get_note (FugueCaptionEntry *self)
{
  g_return_val_if_fail (FUGUE_IS_CAPTION_ENTRY (self), NULL);
  return gtk_label_get_label (GTK_LABEL (self->note));
}

static void
mark_from (FugueCaptionEntry *self, guint kept_bytes)
{
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();
  PangoAttribute           *underline = pango_attr_underline_new (PANGO_UNDERLINE_ERROR);

  underline->start_index = kept_bytes;
  pango_attr_list_insert (attributes, underline);
  gtk_entry_set_attributes (GTK_ENTRY (self->entry), attributes);
}

void
fugue_caption_entry_set_count (FugueCaptionEntry *self, guint n_tokens, guint limit, guint kept_bytes)
{
  g_autofree char *note = NULL;
  gboolean         is_long;

  g_return_if_fail (FUGUE_IS_CAPTION_ENTRY (self));

  is_long = n_tokens > limit;
  if (is_long)
    {
      /* Translators: numbers of tokens, the model's word pieces: "81 of 77 tokens: the end is not read" */
      note = g_strdup_printf (_("%u of %u tokens: the end is not read"), n_tokens, limit);
      mark_from (self, kept_bytes);
      gtk_widget_add_css_class (self->note, "error");
    }
  else
    {
      if (n_tokens > 0)
        note = g_strdup_printf (_("%u of %u tokens"), n_tokens, limit);
      gtk_entry_set_attributes (GTK_ENTRY (self->entry), NULL);
      gtk_widget_remove_css_class (self->note, "error");
    }
  gtk_label_set_label (GTK_LABEL (self->note), note ? note : "");
  gtk_accessible_update_state (GTK_ACCESSIBLE (self->entry), GTK_ACCESSIBLE_STATE_INVALID,
                               is_long ? GTK_ACCESSIBLE_INVALID_TRUE : GTK_ACCESSIBLE_INVALID_FALSE, -1);
}

static void
counted_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (FugueCaptionEntry) self = data;
  g_autoptr (GError)            error = NULL;
  guint                         n_tokens = 0, limit = 0, kept_bytes = 0;

  if (!fugue_engine_count_tokens_finish (FUGUE_ENGINE (source), result, &n_tokens, &limit, &kept_bytes, &error))
    {
      /* An engine that is starting, or a model without a text tower: then there is nothing to say. */
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        fugue_caption_entry_set_count (self, 0, 0, 0);
      return;
    }
  g_clear_object (&self->cancellable);
  fugue_caption_entry_set_count (self, n_tokens, limit, kept_bytes);
}

static void
forget_question (FugueCaptionEntry *self)
{
  g_clear_handle_id (&self->timeout_id, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
}

static gboolean
ask_cb (gpointer data)
{
  FugueCaptionEntry *self = data;
  FugueEngine       *engine = fugue_engine_pool_get_main (self->pool);

  self->timeout_id = 0;
  if (engine)
    {
      self->cancellable = g_cancellable_new ();
      fugue_engine_count_tokens_async (engine, fugue_caption_entry_get_text (self), self->cancellable, counted_cb,
                                       g_object_ref (self));
    }
  return G_SOURCE_REMOVE;
}

static void
ask_soon (FugueCaptionEntry *self)
{
  forget_question (self);
  if (*fugue_caption_entry_get_text (self) == '\0')
    fugue_caption_entry_set_count (self, 0, 0, 0);
  else if (self->pool)
    self->timeout_id = g_timeout_add (COUNT_DELAY, ask_cb, self);
}

static void
changed_cb (FugueCaptionEntry *self)
{
  ask_soon (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TEXT]);
}

/* Another model may have another tokenizer. */
static void
engine_free_cb (FugueCaptionEntry *self)
{
  if (*fugue_caption_entry_get_note (self) == '\0')
    ask_soon (self);
}

void
fugue_caption_entry_set_pool (FugueCaptionEntry *self, FugueEnginePool *pool)
{
  g_return_if_fail (FUGUE_IS_CAPTION_ENTRY (self));

  if (self->pool)
    g_signal_handlers_disconnect_by_data (self->pool, self);
  g_set_object (&self->pool, pool);
  if (pool)
    g_signal_connect_object (pool, "engine-free", G_CALLBACK (engine_free_cb), self, G_CONNECT_SWAPPED);
  ask_soon (self);
}

static void
fugue_caption_entry_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_TEXT:
      g_value_set_string (value, fugue_caption_entry_get_text (FUGUE_CAPTION_ENTRY (object)));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
fugue_caption_entry_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  FugueCaptionEntry *self = FUGUE_CAPTION_ENTRY (object);
  const char        *text;

  switch (id)
    {
    case PROP_TEXT:
      text = g_value_get_string (value) ? g_value_get_string (value) : "";
      /* Setting the same again would move the cursor of whoever is typing. */
      if (!g_str_equal (text, fugue_caption_entry_get_text (self)))
        gtk_editable_set_text (GTK_EDITABLE (self->entry), text);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
fugue_caption_entry_dispose (GObject *object)
{
  FugueCaptionEntry *self = FUGUE_CAPTION_ENTRY (object);

  forget_question (self);
  if (self->pool)
    g_signal_handlers_disconnect_by_data (self->pool, self);
  g_clear_object (&self->pool);
  g_clear_pointer (&self->header, gtk_widget_unparent);
  g_clear_pointer (&self->entry, gtk_widget_unparent);
  G_OBJECT_CLASS (fugue_caption_entry_parent_class)->dispose (object);
}

static gboolean
fugue_caption_entry_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (FUGUE_CAPTION_ENTRY (widget)->entry);
}

static void
fugue_caption_entry_class_init (FugueCaptionEntryClass *klass)
{
  GObjectClass   *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = fugue_caption_entry_get_property;
  object_class->set_property = fugue_caption_entry_set_property;
  object_class->dispose = fugue_caption_entry_dispose;
  widget_class->grab_focus = fugue_caption_entry_grab_focus;

  properties[PROP_TEXT] = g_param_spec_string ("text", NULL, NULL, "",
                                               G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "captionentry");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
fugue_caption_entry_init (FugueCaptionEntry *self)
{
  GtkLayoutManager *layout = gtk_widget_get_layout_manager (GTK_WIDGET (self));

  gtk_orientable_set_orientation (GTK_ORIENTABLE (layout), GTK_ORIENTATION_VERTICAL);
  gtk_box_layout_set_spacing (GTK_BOX_LAYOUT (layout), 3);
}

GtkWidget *
fugue_caption_entry_new (const char *title, const char *help)
{
  FugueCaptionEntry *self = g_object_new (FUGUE_TYPE_CAPTION_ENTRY, NULL);
  GtkWidget         *label = gtk_label_new (title);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_set_hexpand (label, TRUE);
  self->note = gtk_label_new (NULL);
  gtk_label_set_ellipsize (GTK_LABEL (self->note), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (self->note, "caption");
  self->header = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  gtk_box_append (GTK_BOX (self->header), label);
  gtk_box_append (GTK_BOX (self->header), self->note);
  gtk_widget_set_parent (self->header, GTK_WIDGET (self));

  self->entry = gtk_entry_new ();
  gtk_entry_set_placeholder_text (GTK_ENTRY (self->entry), help);
  gtk_widget_set_tooltip_text (self->entry, help);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->entry),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, title,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, help, -1);
  gtk_widget_set_parent (self->entry, GTK_WIDGET (self));
  g_signal_connect_swapped (self->entry, "changed", G_CALLBACK (changed_cb), self);
  return GTK_WIDGET (self);
}
