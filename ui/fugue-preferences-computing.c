/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What computes: the Vulkan devices that the engine sees, and the commands that start engines. */

#include "config.h"

#include "fugue-preferences-private.h"

#include <glib/gi18n.h>

typedef struct
{
  FuguePreferences *preferences;        /* borrowed: goes with the window, as this does */
  GtkWidget        *devices;            /* borrowed widgets */
  GtkWidget        *launchers;
} Page;

static void
device_toggled_cb (GtkCheckButton *button, Page *page)
{
  if (gtk_check_button_get_active (button))
    g_settings_set_string (page->preferences->settings, "device", g_object_get_data (G_OBJECT (button), "device"));
}

/* @name: as the setting has it; "" for the best one */
static GtkCheckButton *
add_device (Page *page, GtkCheckButton *group, const char *name, const char *title, const char *subtitle)
{
  GtkWidget       *button = gtk_check_button_new_with_label (title);
  g_autofree char *chosen = g_settings_get_string (page->preferences->settings, "device");

  gtk_check_button_set_group (GTK_CHECK_BUTTON (button), group);
  gtk_check_button_set_active (GTK_CHECK_BUTTON (button), g_str_equal (name, chosen));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  g_object_set_data_full (G_OBJECT (button), "device", g_strdup (name), g_free);
  g_signal_connect (button, "toggled", G_CALLBACK (device_toggled_cb), page);
  gtk_box_append (GTK_BOX (page->devices), button);
  if (subtitle && *subtitle)
    {
      GtkWidget *label = fugue_preferences_add_text (page->devices, subtitle);

      gtk_widget_add_css_class (label, "dim-label");
      gtk_widget_set_margin_start (label, 28);
    }
  return GTK_CHECK_BUTTON (button);
}

/* Devices that can't be used are listed too, with the reason, but can't be chosen. */
static void
add_devices (Page *page)
{
  FugueEngine         *engine = fugue_engine_pool_get_main (page->preferences->pool);
  g_autoptr (GVariant) devices = engine ? fugue_engine_dup_devices (engine) : NULL;
  GtkCheckButton      *group = add_device (page, NULL, "", _("The best one"), NULL);
  gsize                n = devices ? g_variant_n_children (devices) : 0;

  add_device (page, group, "software", _("The processor"), _("Slower than a graphics card; for one that fails."));
  for (gsize i = 0; i < n; i++)
    {
      g_autoptr (GVariant) device = g_variant_get_child_value (devices, i);
      const char          *name = "", *kind = "", *reason = "";
      g_autofree char     *title = NULL;
      GtkCheckButton      *button;

      g_variant_lookup (device, "name", "&s", &name);
      g_variant_lookup (device, "kind", "&s", &kind);
      g_variant_lookup (device, "reason", "&s", &reason);
      title = *kind ? g_strdup_printf ("%s (%s)", name, kind) : g_strdup (name);
      button = add_device (page, group, name, title, reason);
      gtk_widget_set_sensitive (GTK_WIDGET (button), *reason == '\0');
    }
}

/* One command a line. */
static void
apply_clicked_cb (Page *page)
{
  GtkTextBuffer        *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (page->launchers));
  GtkTextIter           start, end;
  g_autofree char      *text = NULL;
  g_auto (GStrv)        lines = NULL;
  g_autoptr (GPtrArray) launchers = g_ptr_array_new ();

  gtk_text_buffer_get_bounds (buffer, &start, &end);
  text = gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i]; i++)
    if (*g_strstrip (lines[i]) != '\0')
      g_ptr_array_add (launchers, lines[i]);
  g_ptr_array_add (launchers, NULL);
  g_settings_set_strv (page->preferences->settings, "launchers", (const char *const *) launchers->pdata);
}

static void
add_launchers (Page *page, GtkWidget *widget)
{
  g_auto (GStrv)   launchers = g_settings_get_strv (page->preferences->settings, "launchers");
  g_autofree char *text = g_strjoinv ("\n", launchers);
  GtkWidget       *apply = gtk_button_new_with_label (_("Start these"));
  GtkWidget       *frame = gtk_frame_new (NULL);

  page->launchers = gtk_text_view_new ();
  gtk_text_view_set_monospace (GTK_TEXT_VIEW (page->launchers), TRUE);
  gtk_text_view_set_accepts_tab (GTK_TEXT_VIEW (page->launchers), FALSE);
  gtk_text_view_set_top_margin (GTK_TEXT_VIEW (page->launchers), 6);
  gtk_text_view_set_left_margin (GTK_TEXT_VIEW (page->launchers), 6);
  gtk_widget_set_size_request (page->launchers, -1, 72);
  gtk_accessible_update_property (GTK_ACCESSIBLE (page->launchers), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Launchers"), -1);
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (GTK_TEXT_VIEW (page->launchers)), text, -1);
  gtk_frame_set_child (GTK_FRAME (frame), page->launchers);
  gtk_box_append (GTK_BOX (widget), frame);
  gtk_widget_set_halign (apply, GTK_ALIGN_START);
  g_signal_connect_swapped (apply, "clicked", G_CALLBACK (apply_clicked_cb), page);
  gtk_box_append (GTK_BOX (widget), apply);
}

GtkWidget *
fugue_preferences_computing_new (FuguePreferences *self)
{
  GtkWidget *widget = fugue_preferences_page_new ();
  Page      *page = g_new0 (Page, 1);

  page->preferences = self;
  g_object_set_data_full (G_OBJECT (widget), "page", page, g_free);

  fugue_preferences_add_heading (widget, _("Device"));
  page->devices = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  gtk_box_append (GTK_BOX (widget), page->devices);
  add_devices (page);

  fugue_preferences_add_heading (widget, _("Engines"));
  fugue_preferences_add_text (widget, _("Commands that start engines, one a line, such as “ssh HOST unclip serve”. Pictures are "
                                        "shared out among them. None means one engine on this computer."));
  add_launchers (page, widget);
  return widget;
}
