/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "fugue-preferences.h"

#include "fugue-compat.h"
#include "fugue-preferences-private.h"

#include <glib/gi18n.h>

/* Rows. */

GtkWidget *
fugue_preferences_page_new (void)
{
  GtkWidget *page = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);

  gtk_widget_add_css_class (page, "preferences-page");
  return page;
}

void
fugue_preferences_add_heading (GtkWidget *page, const char *title)
{
  GtkWidget *label = gtk_label_new (title);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "heading");
  gtk_box_append (GTK_BOX (page), label);
}

GtkWidget *
fugue_preferences_add_text (GtkWidget *page, const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 50);
  gtk_box_append (GTK_BOX (page), label);
  return label;
}

void
fugue_preferences_add_row (GtkWidget *page, const char *title, const char *subtitle, GtkWidget *widget)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  GtkWidget *label = fugue_preferences_add_text (words, title);

  gtk_widget_set_hexpand (words, TRUE);
  gtk_widget_set_valign (words, GTK_ALIGN_CENTER);
  if (subtitle)
    gtk_widget_add_css_class (fugue_preferences_add_text (words, subtitle), "dim-label");
  gtk_widget_set_valign (widget, GTK_ALIGN_CENTER);
  gtk_label_set_mnemonic_widget (GTK_LABEL (label), widget);
  gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  if (subtitle)
    gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, subtitle, -1);
  gtk_box_append (GTK_BOX (row), words);
  gtk_box_append (GTK_BOX (row), widget);
  gtk_box_append (GTK_BOX (page), row);
}

void
fugue_preferences_add_switch (FuguePreferences *self, GtkWidget *page, const char *key, const char *title,
                              const char *subtitle)
{
  GtkWidget *widget = gtk_switch_new ();

  g_settings_bind (self->settings, key, widget, "active", G_SETTINGS_BIND_DEFAULT);
  fugue_preferences_add_row (page, title, subtitle, widget);
}

typedef struct
{
  const FuguePreferencesChoice *choices;
  guint                         n_choices;
} Choices;

static gboolean
selected_from_nick (GValue *selected, GVariant *nick, gpointer data)
{
  Choices *choices = data;

  for (guint i = 0; i < choices->n_choices; i++)
    if (g_str_equal (choices->choices[i].nick, g_variant_get_string (nick, NULL)))
      {
        g_value_set_uint (selected, i);
        return TRUE;
      }
  return FALSE;
}

static GVariant *
nick_from_selected (const GValue *selected, const GVariantType *type, gpointer data)
{
  Choices *choices = data;
  guint    i = g_value_get_uint (selected);

  return i < choices->n_choices ? g_variant_new_string (choices->choices[i].nick) : NULL;
}

void
fugue_preferences_add_choice (FuguePreferences *self, GtkWidget *page, const char *key, const char *title,
                              const char *subtitle, const FuguePreferencesChoice *choices, guint n_choices)
{
  GtkStringList *names = gtk_string_list_new (NULL);
  GtkWidget     *widget = gtk_drop_down_new (G_LIST_MODEL (names), NULL);
  Choices       *data = g_new (Choices, 1);

  for (guint i = 0; i < n_choices; i++)
    gtk_string_list_append (names, _(choices[i].name));
  *data = (Choices) { choices, n_choices };
  g_settings_bind_with_mapping (self->settings, key, widget, "selected", G_SETTINGS_BIND_DEFAULT,
                                selected_from_nick, nick_from_selected, data, g_free);
  fugue_preferences_add_row (page, title, subtitle, widget);
}

/* Small pages. */

static GtkWidget *
general_new (FuguePreferences *self)
{
  static const FuguePreferencesChoice schemes[] = {
    { "system", N_("As the desktop") }, { "light", N_("Light") }, { "dark", N_("Dark") },
  };
  static const FuguePreferencesChoice backgrounds[] = {
    { "neutral", N_("Neutral grey") }, { "dark", N_("Dark") }, { "checker", N_("Checker") },
  };
  GtkWidget *page = fugue_preferences_page_new ();

  fugue_preferences_add_switch (self, page, "restore-session", _("Start with the last session"), NULL);
  fugue_preferences_add_switch (self, page, "notify", _("Tell when a long batch ends"),
                                _("While the window is not the active one."));
  fugue_preferences_add_choice (self, page, "colour-scheme", _("Colours"), NULL, schemes, G_N_ELEMENTS (schemes));
  fugue_preferences_add_choice (self, page, "stage-background", _("Behind the picture"),
                                _("Neutral grey keeps the judgement of colours steady."), backgrounds,
                                G_N_ELEMENTS (backgrounds));
  return page;
}

static GtkWidget *
export_new (FuguePreferences *self)
{
  static const FuguePreferencesChoice recipes[] = {
    { "full", N_("Full") }, { "interoperable", N_("For other programs") }, { "none", N_("None") },
  };
  GtkWidget *page = fugue_preferences_page_new ();
  GtkWidget *pattern = gtk_entry_new ();

  gtk_editable_set_width_chars (GTK_EDITABLE (pattern), 26);
  g_settings_bind (self->settings, "export-pattern", pattern, "text", G_SETTINGS_BIND_DEFAULT);
  fugue_preferences_add_row (page, _("Names"), _("{source}, {verb}, {seed} and {n} are filled in."), pattern);
  fugue_preferences_add_choice (self, page, "export-recipe", _("Recipe in the picture"),
                                _("A recipe may hold captions and the names of sources. Without it the picture can't be "
                                  "made again."), recipes, G_N_ELEMENTS (recipes));
  fugue_preferences_add_switch (self, page, "export-json", _("Recipe beside the picture"),
                                _("Writes NAME.fugue.json too."));
  return page;
}

static char *
dup_session_folder (void)
{
  return g_build_filename (g_get_user_data_dir (), "fugue", "sessions", NULL);
}

static void
show_folder_cb (FuguePreferences *self)
{
  g_autofree char  *path = dup_session_folder ();
  g_autoptr (GFile) folder = g_file_new_for_path (path);

  fugue_compat_show_in_files (self->window, folder);
}

/* The size of the folder is asked for once, when the page is made. */
static void
measured_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GtkLabel) label = data;
  g_autofree char     *size = NULL;
  guint64              n_bytes, n_files;

  if (!g_file_measure_disk_usage_finish (G_FILE (source), result, &n_bytes, NULL, &n_files, NULL))
    {
      gtk_label_set_label (label, _("Nothing is stored yet."));
      return;
    }
  size = g_format_size (n_bytes);
  gtk_label_set_label (label, size);
}

static GtkWidget *
storage_new (FuguePreferences *self)
{
  GtkWidget        *page = fugue_preferences_page_new ();
  GtkWidget        *button = gtk_button_new_with_label (_("Show in files"));
  GtkWidget        *size = gtk_label_new (_("Measuring…"));
  g_autofree char  *path = dup_session_folder ();
  g_autoptr (GFile) folder = g_file_new_for_path (path);

  g_signal_connect_swapped (button, "clicked", G_CALLBACK (show_folder_cb), self);
  fugue_preferences_add_row (page, _("Sessions"), path, button);
  fugue_preferences_add_row (page, _("They take"), NULL, size);
  fugue_preferences_add_text (page, _("A session is one file with its sources, pictures and recipes. Files that you delete "
                                      "here are gone."));
  g_file_measure_disk_usage_async (folder, G_FILE_MEASURE_NONE, G_PRIORITY_LOW, self->cancellable, NULL, NULL, measured_cb,
                                   g_object_ref (size));
  return page;
}

/* The window. */

static void
preferences_free (gpointer data)
{
  FuguePreferences *self = data;

  g_cancellable_cancel (self->cancellable);
  g_object_unref (self->cancellable);
  g_object_unref (self->settings);
  g_object_unref (self->pool);
  g_free (self);
}

static gboolean
close_cb (GtkWidget *window, GVariant *arguments, gpointer data)
{
  gtk_window_close (GTK_WINDOW (window));
  return TRUE;
}

static void
close_on_escape (GtkWindow *window)
{
  GtkEventController *shortcuts = gtk_shortcut_controller_new ();

  gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (shortcuts),
                                        gtk_shortcut_new (gtk_keyval_trigger_new (GDK_KEY_Escape, 0),
                                                          gtk_callback_action_new (close_cb, NULL, NULL)));
  gtk_widget_add_controller (GTK_WIDGET (window), shortcuts);
}

static void
add_page (GtkStack *stack, const char *name, const char *title, GtkWidget *page)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();

  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), page);
  gtk_stack_add_titled (stack, scroller, name, title);
}

GtkWindow *
fugue_preferences_new (GtkWindow *parent, GSettings *settings, FugueEnginePool *pool)
{
  GtkWidget        *window = gtk_window_new ();
  GtkWidget        *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget        *stack = gtk_stack_new ();
  GtkWidget        *sidebar = gtk_stack_sidebar_new ();
  FuguePreferences *self;

  g_return_val_if_fail (G_IS_SETTINGS (settings), NULL);
  g_return_val_if_fail (FUGUE_IS_ENGINE_POOL (pool), NULL);

  self = g_new0 (FuguePreferences, 1);
  self->window = GTK_WINDOW (window);
  self->pages = GTK_STACK (stack);
  self->settings = g_object_ref (settings);
  self->pool = g_object_ref (pool);
  self->cancellable = g_cancellable_new ();
  g_object_set_data_full (G_OBJECT (window), "preferences", self, preferences_free);

  add_page (GTK_STACK (stack), "general", _("General"), general_new (self));
  add_page (GTK_STACK (stack), "models", _("Models"), fugue_preferences_models_new (self));
  add_page (GTK_STACK (stack), "computing", _("Computing"), fugue_preferences_computing_new (self));
  add_page (GTK_STACK (stack), "export", _("Export"), export_new (self));
  gtk_stack_add_titled (GTK_STACK (stack), fugue_preferences_keyboard_new (self), "keyboard", _("Keyboard"));
  add_page (GTK_STACK (stack), "storage", _("Storage"), storage_new (self));
  gtk_stack_sidebar_set_stack (GTK_STACK_SIDEBAR (sidebar), GTK_STACK (stack));
  gtk_widget_set_size_request (sidebar, 140, -1);
  gtk_widget_set_hexpand (stack, TRUE);
  gtk_box_append (GTK_BOX (box), sidebar);
  gtk_box_append (GTK_BOX (box), stack);

  gtk_window_set_title (GTK_WINDOW (window), _("Preferences"));
  gtk_window_set_transient_for (GTK_WINDOW (window), parent);
  gtk_window_set_modal (GTK_WINDOW (window), parent != NULL);
  gtk_window_set_default_size (GTK_WINDOW (window), 720, 480);
  gtk_window_set_child (GTK_WINDOW (window), box);
  close_on_escape (GTK_WINDOW (window));
  return GTK_WINDOW (window);
}

void
fugue_preferences_show_page (GtkWindow *window, const char *page)
{
  FuguePreferences *self = g_object_get_data (G_OBJECT (window), "preferences");

  g_return_if_fail (self != NULL);

  gtk_stack_set_visible_child_name (self->pages, page);
}
