/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "fugue-about.h"

#include "fugue-application.h"

#include <glib/gi18n.h>

static const char *const libraries[] = {
  "VkFFT — Copyright © 2020 Dmitrii Tolmachev, MIT licence",
  "GTK, GLib, GDK-PixBuf, Pango, JSON-GLib — GNU LGPL 2.1 or later",
  "Cairo — GNU LGPL 2.1 or Mozilla Public License 1.1",
  "Vulkan loader — Apache License 2.0",
  "libpng — PNG Reference Library License 2",
  "Little CMS — MIT licence",
  "zlib — zlib licence",
  "SQLite — public domain",
  NULL,
};

static void
append_engine (GString *report, FugueEngine *engine, guint number)
{
  FugueModelInfo      *model = fugue_engine_get_model (engine);
  g_autofree char     *device = NULL;
  g_autofree char     *kind = NULL;
  g_autofree char     *precision = NULL;
  g_autoptr (GVariant) devices = fugue_engine_dup_devices (engine);
  const GError        *error = fugue_engine_get_error (engine);
  g_autofree char     *state = g_enum_to_string (FUGUE_TYPE_ENGINE_STATE, (int) fugue_engine_get_state (engine));

  g_object_get (engine, "device-name", &device, "device-kind", &kind, "precision", &precision, NULL);
  g_string_append_printf (report, "Engine %u: %s\n", number, state);
  if (device && *device)
    g_string_append_printf (report, "  device: %s (%s), %s\n", device, kind, precision);
  if (model)
    g_string_append_printf (report, "  model: %s, %" G_GUINT64_FORMAT " bytes, SHA-256 %s\n", model->name, model->n_bytes,
                            model->sha256);
  if (error)
    g_string_append_printf (report, "  error: %s\n", error->message);
  if (devices)
    {
      g_autofree char *text = g_variant_print (devices, FALSE);

      g_string_append_printf (report, "  devices: %s\n", text);
    }
}

char *
fugue_about_dup_report (FugueEnginePool *pool)
{
  GString    *report = g_string_new (NULL);
  GdkDisplay *display = gdk_display_get_default ();
  g_autofree char *os = g_get_os_info (G_OS_INFO_KEY_PRETTY_NAME);
  guint       n = pool ? g_list_model_get_n_items (G_LIST_MODEL (pool)) : 0;

  g_string_append_printf (report, "Fugue %s\n", FUGUE_VERSION);
  g_string_append_printf (report, "System: %s, %u processor cores\n", os ? os : "unknown", g_get_num_processors ());
  g_string_append_printf (report, "GTK %u.%u.%u, GLib %u.%u.%u\n", gtk_get_major_version (), gtk_get_minor_version (),
                          gtk_get_micro_version (), glib_major_version, glib_minor_version, glib_micro_version);
  if (display)
    g_string_append_printf (report, "Display: %s\n", G_OBJECT_TYPE_NAME (display));
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (FugueEngine) engine = g_list_model_get_item (G_LIST_MODEL (pool), i);

      append_engine (report, engine, i + 1);
    }
  return g_string_free (report, FALSE);
}

static void
copy_cb (GtkAboutDialog *dialog)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (dialog)), gtk_about_dialog_get_system_information (dialog));
}

GtkWindow *
fugue_about_new (GtkWindow *parent, FugueEnginePool *pool)
{
  g_autofree char *report = fugue_about_dup_report (pool);
  GtkWidget       *dialog = gtk_about_dialog_new ();
  GtkAboutDialog  *about = GTK_ABOUT_DIALOG (dialog);
  GtkWidget       *copy = gtk_button_new_with_label (_("Copy report"));
  GtkWidget       *bar = gtk_window_get_titlebar (GTK_WINDOW (dialog));

  gtk_about_dialog_set_program_name (about, _("Fugue"));
  gtk_about_dialog_set_version (about, FUGUE_VERSION);
  gtk_about_dialog_set_comments (about, _("Variations, edits and mixes of pictures by unCLIP.\n\n"
                                          "Mini, the model that ships, was trained on openly licensed pictures, which are "
                                          "credited beside it. Other models come with terms of their own: read them before "
                                          "you use or share what they make."));
  gtk_about_dialog_set_license_type (about, GTK_LICENSE_GPL_3_0);
  gtk_about_dialog_set_logo_icon_name (about, FUGUE_APPLICATION_ID);
  gtk_about_dialog_add_credit_section (about, _("Libraries"), (const char **) libraries);
  gtk_about_dialog_set_system_information (about, report);
  gtk_window_set_transient_for (GTK_WINDOW (dialog), parent);
  gtk_window_set_modal (GTK_WINDOW (dialog), parent != NULL);

  gtk_widget_set_tooltip_text (copy, _("Copies what stands under System, for a report of trouble"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (copy), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Copy report"), -1);
  g_signal_connect_swapped (copy, "clicked", G_CALLBACK (copy_cb), dialog);
  if (GTK_IS_HEADER_BAR (bar))
    gtk_header_bar_pack_start (GTK_HEADER_BAR (bar), copy);
  return GTK_WINDOW (dialog);
}
