/* SPDX-License-Identifier: GPL-3.0-or-later */

/* GtkFileChooserNative: GtkFileDialog from 4.10 on. gtk_show_uri(): GtkUriLauncher from 4.10 on. */

#include "config.h"

#include "fugue-compat.h"

#include <glib/gi18n.h>

typedef struct
{
  FugueFilesFunc func;
  gpointer       user_data;
} FilesClosure;

static void
files_response_cb (GtkNativeDialog *dialog,
                   int              response,
                   FilesClosure    *closure)
{
  g_autoptr (GListModel) files = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    files = gtk_file_chooser_get_files (GTK_FILE_CHOOSER (dialog));

  gtk_native_dialog_hide (dialog);
  closure->func (files, closure->user_data);
  gtk_native_dialog_destroy (dialog);
  g_object_unref (dialog);
}

static void
files_closure_free (gpointer  data,
                    GClosure *closure)
{
  g_free (data);
}

static void
add_filters (GtkFileChooser *chooser)
{
  g_autoptr (GtkFileFilter) pictures = gtk_file_filter_new ();
  g_autoptr (GtkFileFilter) all = gtk_file_filter_new ();

  gtk_file_filter_set_name (pictures, _("Pictures"));
  gtk_file_filter_add_mime_type (pictures, "image/*");
  gtk_file_filter_set_name (all, _("All files"));
  gtk_file_filter_add_pattern (all, "*");
  gtk_file_chooser_add_filter (chooser, pictures);
  gtk_file_chooser_add_filter (chooser, all);
}

void
fugue_compat_choose_files (GtkWindow              *parent,
                           const FugueFileChooser *params,
                           FugueFilesFunc          func,
                           gpointer                user_data)
{
  GtkFileChooserNative *native;
  FilesClosure *closure;

  g_return_if_fail (GTK_IS_WINDOW (parent));
  g_return_if_fail (params != NULL && func != NULL);

  native = gtk_file_chooser_native_new (params->title, parent, params->action, params->accept, NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (native), TRUE);
  gtk_file_chooser_set_select_multiple (GTK_FILE_CHOOSER (native), params->many);
  if (params->pictures)
    add_filters (GTK_FILE_CHOOSER (native));
  if (params->folder != NULL)
    gtk_file_chooser_set_current_folder (GTK_FILE_CHOOSER (native), params->folder, NULL);
  if (params->name != NULL)
    gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (native), params->name);

  closure = g_new (FilesClosure, 1);
  *closure = (FilesClosure) { .func = func, .user_data = user_data };
  g_signal_connect_data (native, "response", G_CALLBACK (files_response_cb), closure, files_closure_free, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (native));
}

typedef struct
{
  GtkWindow *parent;   /* owned */
  GFile     *folder;   /* owned; (nullable) */
} ShowClosure;

static void
shown_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  ShowClosure *closure = user_data;
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);

  if (reply == NULL && closure->folder != NULL)
    {
      g_autofree char *uri = g_file_get_uri (closure->folder);

      gtk_show_uri (closure->parent, uri, GDK_CURRENT_TIME);
    }
  g_clear_object (&closure->parent);
  g_clear_object (&closure->folder);
  g_free (closure);
}

void
fugue_compat_show_in_files (GtkWindow *parent,
                            GFile     *file)
{
  GDBusConnection *bus = g_application_get_dbus_connection (g_application_get_default ());
  g_autofree char *uri = g_file_get_uri (file);
  const char *uris[] = { uri, NULL };
  g_autoptr (GFile) folder = g_file_get_parent (file);
  ShowClosure *closure;

  if (bus == NULL)
    {
      g_autofree char *folder_uri = folder != NULL ? g_file_get_uri (folder) : g_strdup (uri);

      gtk_show_uri (parent, folder_uri, GDK_CURRENT_TIME);
      return;
    }

  closure = g_new (ShowClosure, 1);
  *closure = (ShowClosure) { .parent = g_object_ref (parent), .folder = g_steal_pointer (&folder) };
  g_dbus_connection_call (bus, "org.freedesktop.FileManager1", "/org/freedesktop/FileManager1",
                          "org.freedesktop.FileManager1", "ShowItems",
                          g_variant_new ("(^ass)", uris, ""), NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL,
                          shown_cb, closure);
}

void
fugue_compat_leave (GtkWidget *part,
                    GtkWidget *to)
{
  GtkRoot *root = gtk_widget_get_root (part);
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;

  if (focus != NULL && gtk_widget_is_ancestor (focus, part) && (to == NULL || !gtk_widget_grab_focus (to)))
    gtk_root_set_focus (root, NULL);
}
