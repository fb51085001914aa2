/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "fugue-application.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>

#include "fugue-about.h"
#include "fugue-preferences.h"
#include "fugue-settings.h"
#include "fugue-shortcuts.h"
#include "fugue-shortcuts-table.h"
#include "fugue-window.h"

/* Pictures that an engine prepares for after loading: the batch size that people begin with */
#define WARM_BATCH 8

/* The state file */
#define STATE_GROUP "sessions"
#define STATE_OPEN  "open"      /* those that windows have */
#define STATE_LAST  "last"      /* the one that was closed last */

struct _FugueApplication
{
  GtkApplication   parent_instance;

  /* Owned; from startup on */
  FugueStyle      *style;
  FugueEnginePool *pool;
  FuguePoolRunner *runner;
  GSettings       *settings;
  GPtrArray       *open_sessions;      /* of char: paths */

  /* Watched weakly: while they are open */
  GtkWindow       *preferences;
  GtkWindow       *shortcuts;
  GtkWindow       *about;
};

G_DEFINE_FINAL_TYPE (FugueApplication, fugue_application, GTK_TYPE_APPLICATION)

/* ---- which sessions are open ---- */

static char *
dup_state_path (void)
{
  return g_build_filename (g_get_user_state_dir (), "fugue", "state.ini", NULL);
}

static GKeyFile *
load_state (void)
{
  g_autofree char *path = dup_state_path ();
  GKeyFile *state = g_key_file_new ();

  /* Without one there is nothing to bring back. */
  g_key_file_load_from_file (state, path, G_KEY_FILE_NONE, NULL);
  return state;
}

static void
save_state (FugueApplication *self,
            const char       *last)
{
  g_autofree char *path = dup_state_path ();
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (GKeyFile) state = load_state ();
  g_autoptr (GError) error = NULL;

  g_key_file_set_string_list (state, STATE_GROUP, STATE_OPEN,
                              (const char *const *) self->open_sessions->pdata, self->open_sessions->len);
  if (last != NULL)
    g_key_file_set_string (state, STATE_GROUP, STATE_LAST, last);
  g_mkdir_with_parents (folder, 0700);
  if (!g_key_file_save_to_file (state, path, &error))
    g_message ("%s", error->message);
}

static gboolean
is_open (FugueApplication *self,
         const char       *path)
{
  return g_ptr_array_find_with_equal_func (self->open_sessions, path, g_str_equal, NULL);
}

static void
forget_session (FugueApplication *self,
                const char       *path)
{
  guint i;

  if (g_ptr_array_find_with_equal_func (self->open_sessions, path, g_str_equal, &i))
    g_ptr_array_remove_index (self->open_sessions, i);
}

/* ---- windows ---- */

typedef struct
{
  FugueApplication *application;   /* owned, and held */
  char             *path;
  GListModel       *files;         /* owned; (nullable) */
  gboolean          vary;
  gboolean          is_new;
  char             *message;       /* (nullable): what to say in the window */
} Opening;

static void
opening_free (Opening *opening)
{
  g_application_release (G_APPLICATION (opening->application));
  g_clear_object (&opening->application);
  g_clear_object (&opening->files);
  g_free (opening->path);
  g_free (opening->message);
  g_free (opening);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Opening, opening_free)

static void open_session (FugueApplication *self,
                          const char       *path,
                          GListModel       *files,
                          gboolean          vary,
                          const char       *message);

/* Sessions in which nothing was done leave no file. */
static void
remove_if_empty (FugueSession *session,
                 const char   *path)
{
  if (g_list_model_get_n_items (fugue_session_get_pictures (session)) == 0
      && g_list_model_get_n_items (fugue_session_get_sources (session)) == 0)
    g_unlink (path);
}

static void
window_destroyed_cb (FugueWindow      *window,
                     FugueApplication *self)
{
  FugueSession *session = g_object_get_data (G_OBJECT (window), "fugue-session");
  g_autofree char *path = g_strdup (fugue_session_get_path (session));
  g_autoptr (GError) error = NULL;

  if (!fugue_session_close (session, &error))
    g_warning ("%s", error->message);
  remove_if_empty (session, path);
  forget_session (self, path);
  save_state (self, path);
}

static void
session_opened_cb (GObject      *object,
                   GAsyncResult *result,
                   gpointer      user_data)
{
  g_autoptr (Opening) opening = user_data;
  FugueApplication *self = opening->application;
  g_autoptr (GError) error = NULL;
  g_autoptr (FugueSession) session = fugue_session_open_finish (result, &error);
  FugueWindow *window;

  if (session == NULL)
    {
      forget_session (self, opening->path);
      /* A new one can be opened if any can; if not, there is nobody to tell but the terminal. */
      if (opening->is_new)
        g_printerr ("fugue: %s\n", error->message);
      else
        open_session (self, NULL, opening->files, opening->vary, error->message);
      return;
    }

  window = fugue_window_new (self, session);
  /* Outlives what the window drops when it is destroyed. */
  g_object_set_data_full (G_OBJECT (window), "fugue-session", g_object_ref (session), g_object_unref);
  g_signal_connect_object (window, "destroy", G_CALLBACK (window_destroyed_cb), self, 0);
  save_state (self, NULL);
  gtk_window_present (GTK_WINDOW (window));
  if (opening->message != NULL)
    fugue_window_toast (window, opening->message, NULL, 0);
  if (opening->files != NULL)
    fugue_window_open_files (window, opening->files, opening->vary);
}

/* @path: (nullable): of a session; %NULL for a new one */
static void
open_session (FugueApplication *self,
              const char       *path,
              GListModel       *files,
              gboolean          vary,
              const char       *message)
{
  Opening *opening = g_new0 (Opening, 1);

  opening->application = g_object_ref (self);
  g_application_hold (G_APPLICATION (self));
  opening->is_new = path == NULL;
  opening->path = path != NULL ? g_strdup (path) : fugue_session_dup_new_path ();
  opening->vary = vary;
  opening->message = g_strdup (message);
  g_set_object (&opening->files, files);
  g_ptr_array_add (self->open_sessions, g_strdup (opening->path));
  fugue_session_open_async (opening->path, NULL, session_opened_cb, opening);
}

/* At the start: what a crash left open comes back, else the last session if that is wished. */
static void
open_earlier (FugueApplication *self)
{
  g_autoptr (GKeyFile) state = load_state ();
  g_auto (GStrv) left_open = g_key_file_get_string_list (state, STATE_GROUP, STATE_OPEN, NULL, NULL);
  g_autofree char *last = g_key_file_get_string (state, STATE_GROUP, STATE_LAST, NULL);
  guint n = 0;

  for (guint i = 0; left_open != NULL && left_open[i] != NULL; i++)
    if (!is_open (self, left_open[i]) && g_file_test (left_open[i], G_FILE_TEST_IS_REGULAR))
      {
        open_session (self, left_open[i], NULL, FALSE, _("Fugue did not end well last time. Here is what was there."));
        n++;
      }
  if (n > 0)
    return;

  if (last != NULL && g_settings_get_boolean (self->settings, "restore-session")
      && g_file_test (last, G_FILE_TEST_IS_REGULAR))
    open_session (self, last, NULL, FALSE, NULL);
  else
    open_session (self, NULL, NULL, FALSE, NULL);
}

static gboolean
is_session_file (GFile *file)
{
  g_autofree char *name = g_file_get_basename (file);

  return name != NULL && g_str_has_suffix (name, ".fugue");
}

/* Session files get windows of their own; everything else goes into the window that is there, or a new one. */
static void
open_files (FugueApplication  *self,
            GFile            **files,
            int                n_files,
            gboolean           vary,
            gboolean           new_window)
{
  GtkWindow *window = new_window ? NULL : gtk_application_get_active_window (GTK_APPLICATION (self));
  g_autoptr (GListStore) others = g_list_store_new (G_TYPE_FILE);

  for (int i = 0; i < n_files; i++)
    if (!is_session_file (files[i]))
      g_list_store_append (others, files[i]);
    else if (g_file_peek_path (files[i]) != NULL && !is_open (self, g_file_peek_path (files[i])))
      open_session (self, g_file_peek_path (files[i]), NULL, FALSE, NULL);
  if (g_list_model_get_n_items (G_LIST_MODEL (others)) == 0)
    return;

  if (FUGUE_IS_WINDOW (window))
    {
      gtk_window_present (window);
      fugue_window_open_files (FUGUE_WINDOW (window), G_LIST_MODEL (others), vary);
    }
  else
    {
      open_session (self, NULL, G_LIST_MODEL (others), vary, NULL);
    }
}

/* ---- actions ---- */

static void
new_window_cb (GSimpleAction *action,
               GVariant      *parameter,
               gpointer       user_data)
{
  open_session (user_data, NULL, NULL, FALSE, NULL);
}

static void
quit_cb (GSimpleAction *action,
         GVariant      *parameter,
         gpointer       user_data)
{
  GtkApplication *application = user_data;
  g_autoptr (GList) windows = g_list_copy (gtk_application_get_windows (application));

  for (GList *l = windows; l != NULL; l = l->next)
    gtk_window_close (l->data);
}

/* One of each kind is enough: asked for again, the one that is there comes to the front. */
static void
show_window (FugueApplication *self,
             GtkWindow       **place,
             GtkWindow        *window)
{
  *place = window;
  g_object_add_weak_pointer (G_OBJECT (window), (gpointer *) place);
  gtk_window_present (window);
}

static void
preferences_cb (GSimpleAction *action,
                GVariant      *parameter,
                gpointer       user_data)
{
  FugueApplication *self = user_data;
  GtkWindow *parent = gtk_application_get_active_window (GTK_APPLICATION (self));

  if (self->preferences != NULL)
    gtk_window_present (self->preferences);
  else
    show_window (self, &self->preferences, fugue_preferences_new (parent, self->settings, self->pool));
}

static void
preferences_page_cb (GSimpleAction *action,
                     GVariant      *parameter,
                     gpointer       user_data)
{
  FugueApplication *self = user_data;

  preferences_cb (action, NULL, self);
  fugue_preferences_show_page (self->preferences, g_variant_get_string (parameter, NULL));
}

static void
shortcuts_cb (GSimpleAction *action,
              GVariant      *parameter,
              gpointer       user_data)
{
  FugueApplication *self = user_data;
  GtkWindow *parent = gtk_application_get_active_window (GTK_APPLICATION (self));

  if (self->shortcuts != NULL)
    gtk_window_present (self->shortcuts);
  else
    show_window (self, &self->shortcuts, fugue_shortcuts_window_new (parent));
}

static void
about_cb (GSimpleAction *action,
          GVariant      *parameter,
          gpointer       user_data)
{
  FugueApplication *self = user_data;
  GtkWindow *parent = gtk_application_get_active_window (GTK_APPLICATION (self));

  if (self->about != NULL)
    gtk_window_present (self->about);
  else
    show_window (self, &self->about, fugue_about_new (parent, self->pool));
}

static const GActionEntry APPLICATION_ACTIONS[] = {
  { "new-window", new_window_cb },
  { "preferences", preferences_cb },
  { "preferences-page", preferences_page_cb, "s" },
  { "shortcuts", shortcuts_cb },
  { "about", about_cb },
  { "quit", quit_cb },
};

/* ---- engines ---- */

/* An empty string stands for "not set". */
static char *
dup_setting (FugueApplication *self,
             const char       *key)
{
  g_autofree char *value = g_settings_get_string (self->settings, key);

  return *value != '\0' ? g_steal_pointer (&value) : NULL;
}

static void
choose_model (FugueApplication *self)
{
  g_autofree char *folder = dup_setting (self, "model");
  g_autofree char *device = dup_setting (self, "device");
  FugueModelChoice choice = { .folder = folder, .device = device, .warm_batch = WARM_BATCH };

  fugue_engine_pool_set_model (self->pool, &choice);
}

static void
choose_launchers (FugueApplication *self)
{
  g_auto (GStrv) launchers = g_settings_get_strv (self->settings, "launchers");

  fugue_engine_pool_set_launchers (self->pool, (const char *const *) launchers);
}

static void
choose_style (FugueApplication *self)
{
  fugue_style_set_scheme (self->style, g_settings_get_enum (self->settings, "colour-scheme"));
}

static void
fugue_application_startup (GApplication *application)
{
  FugueApplication *self = FUGUE_APPLICATION (application);

  G_APPLICATION_CLASS (fugue_application_parent_class)->startup (application);

  gtk_window_set_default_icon_name (FUGUE_APPLICATION_ID);
  self->settings = g_object_ref (fugue_settings_get_default ());
  self->style = fugue_style_new (gdk_display_get_default ());
  self->pool = fugue_engine_pool_new ();
  self->runner = fugue_pool_runner_new (self->pool);
  choose_style (self);
  choose_model (self);
  choose_launchers (self);
  g_signal_connect_object (self->settings, "changed::colour-scheme", G_CALLBACK (choose_style), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->settings, "changed::model", G_CALLBACK (choose_model), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->settings, "changed::device", G_CALLBACK (choose_model), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->settings, "changed::launchers", G_CALLBACK (choose_launchers), self, G_CONNECT_SWAPPED);
  fugue_engine_pool_start (self->pool);

  g_action_map_add_action_entries (G_ACTION_MAP (self), APPLICATION_ACTIONS,
                                   G_N_ELEMENTS (APPLICATION_ACTIONS), self);
  fugue_shortcuts_install (GTK_APPLICATION (self));
}

static void
fugue_application_activate (GApplication *application)
{
  FugueApplication *self = FUGUE_APPLICATION (application);
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (application));

  if (window != NULL)
    gtk_window_present (window);
  else if (self->open_sessions->len == 0)
    open_earlier (self);
}

static void
fugue_application_open (GApplication  *application,
                        GFile        **files,
                        int            n_files,
                        const char    *hint)
{
  open_files (FUGUE_APPLICATION (application), files, n_files, FALSE, FALSE);
}

static int
fugue_application_command_line (GApplication            *application,
                                GApplicationCommandLine *command_line)
{
  FugueApplication *self = FUGUE_APPLICATION (application);
  GVariantDict *options = g_application_command_line_get_options_dict (command_line);
  gboolean new_window = g_variant_dict_contains (options, "new-window");
  gboolean vary = g_variant_dict_contains (options, "vary");
  g_auto (GStrv) arguments = NULL;
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_object_unref);

  g_variant_dict_lookup (options, G_OPTION_REMAINING, "^aay", &arguments);
  for (guint i = 0; arguments != NULL && arguments[i] != NULL; i++)
    g_ptr_array_add (files, g_application_command_line_create_file_for_arg (command_line, arguments[i]));

  if (files->len > 0)
    open_files (self, (GFile **) files->pdata, files->len, vary, new_window);
  else if (new_window)
    open_session (self, NULL, NULL, FALSE, NULL);
  else
    g_application_activate (application);
  return 0;
}

static int
fugue_application_handle_local_options (GApplication *application,
                                        GVariantDict *options)
{
  if (!g_variant_dict_contains (options, "version"))
    return -1;

  g_print ("fugue %s\n", FUGUE_VERSION);
  return 0;
}

static void
fugue_application_shutdown (GApplication *application)
{
  FugueApplication *self = FUGUE_APPLICATION (application);

  if (self->pool != NULL)
    fugue_engine_pool_stop (self->pool);
  g_clear_object (&self->runner);
  g_clear_object (&self->pool);
  g_clear_object (&self->style);
  g_clear_object (&self->settings);
  G_APPLICATION_CLASS (fugue_application_parent_class)->shutdown (application);
}

static void
fugue_application_finalize (GObject *object)
{
  g_ptr_array_unref (FUGUE_APPLICATION (object)->open_sessions);
  G_OBJECT_CLASS (fugue_application_parent_class)->finalize (object);
}

static void
fugue_application_class_init (FugueApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = fugue_application_finalize;
  application_class->handle_local_options = fugue_application_handle_local_options;
  application_class->startup = fugue_application_startup;
  application_class->activate = fugue_application_activate;
  application_class->open = fugue_application_open;
  application_class->command_line = fugue_application_command_line;
  application_class->shutdown = fugue_application_shutdown;
}

static const GOptionEntry OPTIONS[] = {
  { "version", 0, 0, G_OPTION_ARG_NONE, NULL, N_("Print the version and exit"), NULL },
  { "new-window", 0, 0, G_OPTION_ARG_NONE, NULL, N_("Open a new window"), NULL },
  { "vary", 0, 0, G_OPTION_ARG_NONE, NULL, N_("Begin with variations of the picture"), NULL },
  { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, NULL, NULL, N_("[FILE…]") },
  { NULL },
};

static void
fugue_application_init (FugueApplication *self)
{
  self->open_sessions = g_ptr_array_new_with_free_func (g_free);
  g_application_add_main_option_entries (G_APPLICATION (self), OPTIONS);
}

FugueApplication *
fugue_application_new (void)
{
  return g_object_new (FUGUE_TYPE_APPLICATION,
                       "application-id", FUGUE_APPLICATION_ID,
                       "flags", G_APPLICATION_HANDLES_COMMAND_LINE | G_APPLICATION_HANDLES_OPEN,
                       NULL);
}

FugueEnginePool *
fugue_application_get_pool (FugueApplication *self)
{
  g_return_val_if_fail (FUGUE_IS_APPLICATION (self), NULL);

  return self->pool;
}

FugueRunner *
fugue_application_get_runner (FugueApplication *self)
{
  g_return_val_if_fail (FUGUE_IS_APPLICATION (self), NULL);

  return FUGUE_RUNNER (self->runner);
}

FugueStyle *
fugue_application_get_style (FugueApplication *self)
{
  g_return_val_if_fail (FUGUE_IS_APPLICATION (self), NULL);

  return self->style;
}
