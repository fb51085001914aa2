/* SPDX-License-Identifier: GPL-3.0-or-later */

/* GTK before 4.20 does not ask the portal itself, so this does: org.freedesktop.portal.Settings, namespace
 * org.freedesktop.appearance, key color-scheme (0 no wish, 1 dark, 2 light). Its Read() wraps the value in one variant
 * more than the signal does.
 */

#include "config.h"

#include "fugue-style.h"

#define PORTAL_NAME      "org.freedesktop.portal.Desktop"
#define PORTAL_PATH      "/org/freedesktop/portal/desktop"
#define PORTAL_INTERFACE "org.freedesktop.portal.Settings"
#define APPEARANCE       "org.freedesktop.appearance"
#define COLOUR_SCHEME    "color-scheme"

#define RESOURCES        "/io/github/fugue/Fugue/"

struct _FugueStyle
{
  GObject           parent_instance;

  /* Owned */
  GdkDisplay       *display;
  GtkCssProvider   *common;
  GtkCssProvider   *dark;
  GCancellable     *cancellable;
  GDBusConnection  *bus;

  guint             subscription;
  FugueStyleScheme  scheme;
  gboolean          desktop_is_dark;
  gboolean          is_dark;
};

G_DEFINE_FINAL_TYPE (FugueStyle, fugue_style, G_TYPE_OBJECT)

static void
apply (FugueStyle *self)
{
  gboolean is_dark = self->scheme == FUGUE_STYLE_SYSTEM ? self->desktop_is_dark
                                                        : self->scheme == FUGUE_STYLE_DARK;

  if (is_dark == self->is_dark)
    return;

  self->is_dark = is_dark;
  g_object_set (gtk_settings_get_for_display (self->display),
                "gtk-application-prefer-dark-theme", is_dark,
                NULL);
  if (is_dark)
    gtk_style_context_add_provider_for_display (self->display, GTK_STYLE_PROVIDER (self->dark),
                                                GTK_STYLE_PROVIDER_PRIORITY_APPLICATION + 1);
  else
    gtk_style_context_remove_provider_for_display (self->display, GTK_STYLE_PROVIDER (self->dark));
}

static void
take_wish (FugueStyle *self,
           GVariant   *value)
{
  g_autoptr (GVariant) inner = g_variant_ref (value);

  while (g_variant_is_of_type (inner, G_VARIANT_TYPE_VARIANT))
    {
      GVariant *unwrapped = g_variant_get_variant (inner);

      g_variant_unref (inner);
      inner = unwrapped;
    }
  if (!g_variant_is_of_type (inner, G_VARIANT_TYPE_UINT32))
    return;

  self->desktop_is_dark = g_variant_get_uint32 (inner) == 1;
  apply (self);
}

static void
setting_changed_cb (GDBusConnection *bus,
                    const char      *sender,
                    const char      *path,
                    const char      *interface,
                    const char      *signal,
                    GVariant        *parameters,
                    gpointer         user_data)
{
  const char *namespace;
  const char *key;
  g_autoptr (GVariant) value = NULL;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(ssv)")))
    return;

  g_variant_get (parameters, "(&s&sv)", &namespace, &key, &value);
  if (g_str_equal (namespace, APPEARANCE) && g_str_equal (key, COLOUR_SCHEME))
    take_wish (user_data, value);
}

static void
read_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autoptr (FugueStyle) self = user_data;
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);
  g_autoptr (GVariant) value = NULL;

  /* No portal, or one that does not know the key: then there is no wish. */
  if (reply == NULL)
    return;

  g_variant_get (reply, "(v)", &value);
  take_wish (self, value);
}

static void
bus_cb (GObject      *source,
        GAsyncResult *result,
        gpointer      user_data)
{
  g_autoptr (FugueStyle) self = user_data;
  g_autoptr (GDBusConnection) bus = g_bus_get_finish (result, NULL);

  if (bus == NULL || g_cancellable_is_cancelled (self->cancellable))
    return;

  self->bus = g_object_ref (bus);
  self->subscription = g_dbus_connection_signal_subscribe (bus, PORTAL_NAME, PORTAL_INTERFACE,
                                                           "SettingChanged", PORTAL_PATH, APPEARANCE,
                                                           G_DBUS_SIGNAL_FLAGS_NONE,
                                                           setting_changed_cb, self, NULL);
  g_dbus_connection_call (bus, PORTAL_NAME, PORTAL_PATH, PORTAL_INTERFACE, "Read",
                          g_variant_new ("(ss)", APPEARANCE, COLOUR_SCHEME), G_VARIANT_TYPE ("(v)"),
                          G_DBUS_CALL_FLAGS_NONE, -1, self->cancellable, read_cb, g_object_ref (self));
}

static void
fugue_style_dispose (GObject *object)
{
  FugueStyle *self = FUGUE_STYLE (object);

  g_cancellable_cancel (self->cancellable);
  if (self->subscription != 0)
    g_dbus_connection_signal_unsubscribe (self->bus, self->subscription);
  self->subscription = 0;
  g_clear_object (&self->bus);
  if (self->display != NULL)
    {
      gtk_style_context_remove_provider_for_display (self->display, GTK_STYLE_PROVIDER (self->common));
      gtk_style_context_remove_provider_for_display (self->display, GTK_STYLE_PROVIDER (self->dark));
    }
  g_clear_object (&self->display);
  G_OBJECT_CLASS (fugue_style_parent_class)->dispose (object);
}

static void
fugue_style_finalize (GObject *object)
{
  FugueStyle *self = FUGUE_STYLE (object);

  g_clear_object (&self->common);
  g_clear_object (&self->dark);
  g_clear_object (&self->cancellable);
  G_OBJECT_CLASS (fugue_style_parent_class)->finalize (object);
}

static void
fugue_style_class_init (FugueStyleClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = fugue_style_dispose;
  object_class->finalize = fugue_style_finalize;
}

static void
fugue_style_init (FugueStyle *self)
{
  self->common = gtk_css_provider_new ();
  self->dark = gtk_css_provider_new ();
  self->cancellable = g_cancellable_new ();
}

FugueStyle *
fugue_style_new (GdkDisplay *display)
{
  FugueStyle *self = g_object_new (FUGUE_TYPE_STYLE, NULL);

  self->display = g_object_ref (display);
  gtk_css_provider_load_from_resource (self->common, RESOURCES "style.css");
  gtk_css_provider_load_from_resource (self->dark, RESOURCES "style-dark.css");
  gtk_style_context_add_provider_for_display (display, GTK_STYLE_PROVIDER (self->common),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
  g_bus_get (G_BUS_TYPE_SESSION, self->cancellable, bus_cb, g_object_ref (self));
  return self;
}

void
fugue_style_set_scheme (FugueStyle       *self,
                        FugueStyleScheme  scheme)
{
  g_return_if_fail (FUGUE_IS_STYLE (self));

  self->scheme = scheme;
  apply (self);
}

gboolean
fugue_style_is_dark (FugueStyle *self)
{
  g_return_val_if_fail (FUGUE_IS_STYLE (self), FALSE);

  return self->is_dark;
}
