/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "fugue-application.h"

#include <glib/gi18n.h>

#include "fugue-style.h"
#include "fugue-window.h"

struct _FugueApplication
{
  GtkApplication parent_instance;

  FugueStyle    *style;      /* owned; from startup on */
};

G_DEFINE_FINAL_TYPE (FugueApplication, fugue_application, GTK_TYPE_APPLICATION)

static void
open_window (FugueApplication *self)
{
  gtk_window_present (GTK_WINDOW (fugue_window_new (self)));
}

static void
new_window_cb (GSimpleAction *action,
               GVariant      *parameter,
               gpointer       user_data)
{
  open_window (user_data);
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

static const GActionEntry APPLICATION_ACTIONS[] = {
  { "new-window", new_window_cb },
  { "quit", quit_cb },
};

static void
fugue_application_startup (GApplication *application)
{
  FugueApplication *self = FUGUE_APPLICATION (application);

  G_APPLICATION_CLASS (fugue_application_parent_class)->startup (application);

  gtk_window_set_default_icon_name (FUGUE_APPLICATION_ID);
  self->style = fugue_style_new (gdk_display_get_default ());
  g_action_map_add_action_entries (G_ACTION_MAP (self), APPLICATION_ACTIONS,
                                   G_N_ELEMENTS (APPLICATION_ACTIONS), self);
}

static void
fugue_application_activate (GApplication *application)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (application));

  if (window != NULL)
    gtk_window_present (window);
  else
    open_window (FUGUE_APPLICATION (application));
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

  g_clear_object (&self->style);
  G_APPLICATION_CLASS (fugue_application_parent_class)->shutdown (application);
}

static void
fugue_application_class_init (FugueApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  application_class->handle_local_options = fugue_application_handle_local_options;
  application_class->startup = fugue_application_startup;
  application_class->activate = fugue_application_activate;
  application_class->shutdown = fugue_application_shutdown;
}

static void
fugue_application_init (FugueApplication *self)
{
  g_application_add_main_option (G_APPLICATION (self), "version", 0, 0, G_OPTION_ARG_NONE,
                                 N_("Print the version and exit"), NULL);
}

FugueApplication *
fugue_application_new (void)
{
  return g_object_new (FUGUE_TYPE_APPLICATION,
                       "application-id", FUGUE_APPLICATION_ID,
                       "resource-base-path", "/io/github/fugue/Fugue",
                       NULL);
}
