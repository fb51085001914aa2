/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What keys, menus and buttons ask for. Names and keys stand in fugue-shortcuts-table.c. */

#include "config.h"

#include "fugue-window-private.h"

#include <glib/gi18n.h>

#include "fugue-compat.h"
#include "fugue-modes.h"
#include "fugue-settings.h"
#include "fugue-shortcuts-table.h"

/* A notch of the gallery's size, and of "farther" and "nearer" (ui-spec) */
#define SIZE_NOTCH 1.25
#define FAR_NOTCH  1.5

/* ---- bringing pictures in ---- */

typedef struct
{
  FugueWindow *window;      /* owned */
  FugueSlot    slot;
} OpenRequest;

static void
files_chosen_cb (GListModel *files,
                 gpointer    user_data)
{
  OpenRequest *request = user_data;

  if (files != NULL && !g_cancellable_is_cancelled (request->window->cancellable))
    fugue_intake_take_files (request->window->intake, files, request->slot, FUGUE_INTAKE_ASK);
  g_object_unref (request->window);
  g_free (request);
}

static void
open_into (FugueWindow *self,
           FugueSlot    slot)
{
  FugueFileChooser chooser = {
    .title = _("Open Pictures"), .accept = _("Open"), .action = GTK_FILE_CHOOSER_ACTION_OPEN,
    .many = TRUE, .pictures = TRUE,
  };
  OpenRequest *request = g_new (OpenRequest, 1);

  *request = (OpenRequest) { .window = g_object_ref (self), .slot = slot };
  fugue_compat_choose_files (GTK_WINDOW (self), &chooser, files_chosen_cb, request);
}

static void
open_cb (GSimpleAction *action,
         GVariant      *parameter,
         gpointer       user_data)
{
  open_into (user_data, FUGUE_SLOT_FREE);
}

static void
open_in_cb (GSimpleAction *action,
            GVariant      *parameter,
            gpointer       user_data)
{
  open_into (user_data, fugue_slot_from_letter (g_variant_get_string (parameter, NULL)));
}

static void
folder_chosen_cb (GListModel *files,
                  gpointer    user_data)
{
  g_autoptr (FugueWindow) self = user_data;

  if (files != NULL && !g_cancellable_is_cancelled (self->cancellable))
    fugue_intake_take_files (self->intake, files, FUGUE_SLOT_FREE, FUGUE_INTAKE_ASK);
}

static void
open_folder_cb (GSimpleAction *action,
                GVariant      *parameter,
                gpointer       user_data)
{
  FugueFileChooser chooser = {
    .title = _("Vary a Folder"), .accept = _("Open"), .action = GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER,
  };

  fugue_compat_choose_files (user_data, &chooser, folder_chosen_cb, g_object_ref (user_data));
}

static void
open_sample_cb (GSimpleAction *action,
                GVariant      *parameter,
                gpointer       user_data)
{
  g_autoptr (GFile) file = g_file_new_for_path (g_variant_get_string (parameter, NULL));
  g_autoptr (GListStore) files = g_list_store_new (G_TYPE_FILE);

  g_list_store_append (files, file);
  fugue_window_open_files (user_data, G_LIST_MODEL (files), FALSE);
}

static void
paste_cb (GSimpleAction *action,
          GVariant      *parameter,
          gpointer       user_data)
{
  FugueWindow *self = user_data;

  fugue_intake_paste (self->intake, gtk_widget_get_clipboard (GTK_WIDGET (self)));
}

static void
use_settings_cb (GSimpleAction *action,
                 GVariant      *parameter,
                 gpointer       user_data)
{
  fugue_window_take_offer (user_data, g_variant_get_boolean (parameter));
}

/* ---- window ---- */

static void
undo_cb (GSimpleAction *action,
         GVariant      *parameter,
         gpointer       user_data)
{
  fugue_undo_undo (FUGUE_WINDOW (user_data)->undo);
}

static void
redo_cb (GSimpleAction *action,
         GVariant      *parameter,
         gpointer       user_data)
{
  fugue_undo_redo (FUGUE_WINDOW (user_data)->undo);
}

static void
close_cb (GSimpleAction *action,
          GVariant      *parameter,
          gpointer       user_data)
{
  gtk_window_close (user_data);
}

static void
fullscreen_cb (GSimpleAction *action,
               GVariant      *parameter,
               gpointer       user_data)
{
  if (gtk_window_is_fullscreen (user_data))
    gtk_window_unfullscreen (user_data);
  else
    gtk_window_fullscreen (user_data);
}

static void
toggle_pane_cb (GSimpleAction *action,
                GVariant      *value,
                gpointer       user_data)
{
  FugueWindow *self = user_data;
  gboolean is_sources = g_str_equal (g_action_get_name (G_ACTION (action)), "show-sources");

  fugue_panes_set_shown (self->panes, is_sources ? FUGUE_PANE_START : FUGUE_PANE_END, g_variant_get_boolean (value));
}

static void
panes_changed_cb (FugueWindow *self)
{
  GAction *sources = g_action_map_lookup_action (G_ACTION_MAP (self), "show-sources");
  GAction *controls = g_action_map_lookup_action (G_ACTION_MAP (self), "show-controls");

  g_simple_action_set_state (G_SIMPLE_ACTION (sources),
                             g_variant_new_boolean (fugue_panes_get_shown (self->panes, FUGUE_PANE_START)));
  g_simple_action_set_state (G_SIMPLE_ACTION (controls),
                             g_variant_new_boolean (fugue_panes_get_shown (self->panes, FUGUE_PANE_END)));
}

static void
show_queue_cb (GSimpleAction *action,
               GVariant      *parameter,
               gpointer       user_data)
{
  fugue_activity_bar_toggle_queue (FUGUE_WINDOW (user_data)->activity_bar);
}

static gboolean
focus_pane (FugueWindow *self,
            guint        pane)
{
  /* Not the middle as a whole: the gallery is in it, and the focus would only move on within. */
  GtkWidget *stage = gtk_widget_get_mapped (GTK_WIDGET (self->stage_stack)) ? GTK_WIDGET (self->stage_stack)
                                                                            : GTK_WIDGET (self->centre_stack);

  if (pane == 2 && fugue_gallery_focus_grid (self->gallery))
    return TRUE;

  {
    GtkWidget *panes[] = {
      GTK_WIDGET (self->sources), stage, GTK_WIDGET (self->gallery),
      GTK_WIDGET (self->end_stack), GTK_WIDGET (self->activity_bar),
    };

    return gtk_widget_get_mapped (panes[pane]) && gtk_widget_child_focus (panes[pane], GTK_DIR_TAB_FORWARD);
  }
}

static int
find_focused_pane (FugueWindow *self)
{
  /* The gallery before the middle that it is in. */
  const struct { GtkWidget *widget; int pane; } panes[] = {
    { GTK_WIDGET (self->sources), 0 }, { GTK_WIDGET (self->gallery), 2 }, { GTK_WIDGET (self->centre_stack), 1 },
    { GTK_WIDGET (self->end_stack), 3 }, { GTK_WIDGET (self->activity_bar), 4 },
  };
  GtkWidget *focus = gtk_root_get_focus (GTK_ROOT (self));

  for (guint i = 0; i < G_N_ELEMENTS (panes) && focus != NULL; i++)
    if (gtk_widget_is_ancestor (focus, panes[i].widget))
      return panes[i].pane;
  return -1;
}

static void
focus_pane_cb (GSimpleAction *action,
               GVariant      *parameter,
               gpointer       user_data)
{
  FugueWindow *self = user_data;
  int direction = g_variant_get_int32 (parameter);
  int focused = find_focused_pane (self);
  int pane = focused < 0 && direction < 0 ? 0 : focused;

  for (guint i = 0; i < 5; i++)
    {
      pane = (pane + direction + 5) % 5;
      if (pane != focused && focus_pane (self, pane))
        return;
    }
}

static void
next_mode_cb (GSimpleAction *action,
              GVariant      *parameter,
              gpointer       user_data)
{
  FugueWindow *self = user_data;
  guint n_modes;
  const FugueModeInfo *modes = fugue_modes_get (&n_modes);

  for (guint i = 0; i < n_modes; i++)
    if (g_strcmp0 (modes[i].name, fugue_window_get_mode (self)) == 0)
      {
        fugue_window_set_mode (self, modes[(i + 1) % n_modes].name);
        return;
      }
}

/* ---- runs ---- */

static void
go_cb (GSimpleAction *action,
       GVariant      *parameter,
       gpointer       user_data)
{
  FugueWindow *self = user_data;
  FugueMode mode = fugue_enum_from_nick (FUGUE_TYPE_MODE, fugue_window_get_mode (self), FUGUE_MODE_VARY);

  fugue_window_run (self, mode, NULL, g_str_equal (g_action_get_name (G_ACTION (action)), "go-next"));
}

static void
live_cb (GSimpleAction *action,
         GVariant      *value,
         gpointer       user_data)
{
  g_simple_action_set_state (action, value);
  fugue_window_set_live (user_data, g_variant_get_boolean (value));
}

static gboolean
is_running (FugueWindow *self)
{
  FugueJob *draft = fugue_queue_get_draft (self->queue);

  /* A draft that is done stays, for the stage to show. */
  return fugue_queue_get_current (self->queue) != NULL
         || (draft != NULL && (fugue_job_get_state (draft) == FUGUE_JOB_WAITING
                               || fugue_job_get_state (draft) == FUGUE_JOB_RUNNING));
}

static void
stop_run (FugueWindow *self)
{
  fugue_window_clear_wanted (self);
  fugue_window_stop_drafts (self);
  fugue_queue_stop (self->queue);
}

static void
stop_run_cb (GSimpleAction *action,
             GVariant      *parameter,
             gpointer       user_data)
{
  stop_run (user_data);
}

/* Escape: stops what runs; else leaves what is open, the nearest first. A popover or a text field has had the key before: whoever
 * wants to be out of a menu does not want to lose a run. */
static void
stop_cb (GSimpleAction *action,
         GVariant      *parameter,
         gpointer       user_data)
{
  FugueWindow *self = user_data;

  if (is_running (self) || !g_queue_is_empty (&self->wanted))
    stop_run (self);
  else if (fugue_toasts_dismiss (self->toasts))
    ;
  else if (fugue_panes_hide_overlaid (self->panes))
    ;
  else if (g_strcmp0 (gtk_stack_get_visible_child_name (self->end_stack), "details") == 0)
    g_action_group_activate_action (G_ACTION_GROUP (self), "details", NULL);
  else if (gtk_window_is_fullscreen (GTK_WINDOW (self)))
    gtk_window_unfullscreen (GTK_WINDOW (self));
  else
    fugue_gallery_focus_grid (self->gallery);
}

static void
skip_cb (GSimpleAction *action,
         GVariant      *parameter,
         gpointer       user_data)
{
  fugue_queue_skip (FUGUE_WINDOW (user_data)->queue);
}

static void
repeat_cb (GSimpleAction *action,
           GVariant      *parameter,
           gpointer       user_data)
{
  fugue_window_repeat (user_data);
}

static void
resume_stopped_cb (GSimpleAction *action,
                   GVariant      *parameter,
                   gpointer       user_data)
{
  fugue_window_resume_stopped (user_data);
}

static void
resume_left_over_cb (GSimpleAction *action,
                     GVariant      *parameter,
                     gpointer       user_data)
{
  FugueWindow *self = user_data;

  fugue_queue_resume_left_over (self->queue);
  fugue_folder_batch_resume_left_over (self->folders);
}

/* The queue as it was, open and at rest. */
static void
review_left_over_cb (GSimpleAction *action,
                     GVariant      *parameter,
                     gpointer       user_data)
{
  FugueWindow *self = user_data;

  fugue_queue_set_paused (self->queue, TRUE);
  fugue_queue_resume_left_over (self->queue);
  fugue_folder_batch_resume_left_over (self->folders);
  fugue_activity_bar_show_queue (self->activity_bar);
}

static void
edit_job_cb (GSimpleAction *action,
             GVariant      *parameter,
             gpointer       user_data)
{
  fugue_window_edit_job (user_data, g_variant_get_int64 (parameter));
}

static void
clear_queue_cb (GSimpleAction *action,
                GVariant      *parameter,
                gpointer       user_data)
{
  fugue_window_clear_queue (user_data);
}

static void
discard_left_over_cb (GSimpleAction *action,
                      GVariant      *parameter,
                      gpointer       user_data)
{
  FugueWindow *self = user_data;

  fugue_queue_discard_left_over (self->queue);
  fugue_folder_batch_discard_left_over (self->folders);
}

static void
try_on_processor_cb (GSimpleAction *action,
                     GVariant      *parameter,
                     gpointer       user_data)
{
  if (parameter != NULL)
    fugue_window_try_batch_on_processor (user_data, g_variant_get_int64 (parameter));
  else
    fugue_window_try_selected_on_processor (user_data);
}

static void
copy_report_cb (GSimpleAction *action,
                GVariant      *parameter,
                gpointer       user_data)
{
  if (parameter != NULL)
    fugue_window_copy_report_of_picture (user_data, g_variant_get_int64 (parameter));
  else
    fugue_window_copy_report_of_selected (user_data);
}

/* The engines of this computer leave a device that keeps failing. */
static void
use_processor_cb (GSimpleAction *action,
                  GVariant      *parameter,
                  gpointer       user_data)
{
  FugueWindow *self = user_data;

  g_settings_set_string (self->settings, "device", "software");
  fugue_engine_pool_retry (self->pool);
}

static void
retry_engine_cb (GSimpleAction *action,
                 GVariant      *parameter,
                 gpointer       user_data)
{
  fugue_engine_pool_retry (FUGUE_WINDOW (user_data)->pool);
}

static void
retry_disk_cb (GSimpleAction *action,
               GVariant      *parameter,
               gpointer       user_data)
{
  fugue_session_retry (FUGUE_WINDOW (user_data)->session);
}

static void
devices_cb (GSimpleAction *action,
            GVariant      *parameter,
            gpointer       user_data)
{
  fugue_window_show_devices (user_data);
}

static void
dismiss_device_cb (GSimpleAction *action,
                   GVariant      *parameter,
                   gpointer       user_data)
{
  FugueWindow *self = user_data;

  self->told_of_device = TRUE;
  fugue_banner_set (self->banner, FUGUE_BANNER_DEVICE, NULL);
}

static void
dismiss_welcome_cb (GSimpleAction *action,
                    GVariant      *parameter,
                    gpointer       user_data)
{
  g_settings_set_boolean (FUGUE_WINDOW (user_data)->settings, "welcome", FALSE);
}

/* The setting goes back to what is in use, so that the next start does not try in vain again. */
static void
keep_model_cb (GSimpleAction *action,
               GVariant      *parameter,
               gpointer       user_data)
{
  FugueWindow *self = user_data;
  FugueModelInfo *model = fugue_controls_get_model (self->controls);

  if (model == NULL || g_str_equal (model->name, "mini"))
    g_settings_reset (self->settings, "model");
  else
    g_settings_set_string (self->settings, "model", model->folder);
}

static void
models_chosen_cb (GListModel *files,
                  gpointer    user_data)
{
  g_autoptr (FugueWindow) self = user_data;
  g_autoptr (GFile) folder = files != NULL ? g_list_model_get_item (files, 0) : NULL;

  if (folder == NULL || g_file_peek_path (folder) == NULL || g_cancellable_is_cancelled (self->cancellable))
    return;
  fugue_settings_add_model_folder (self->settings, g_file_peek_path (folder));
  gtk_widget_activate_action (GTK_WIDGET (self), "app.preferences-page", "s", "models");
}

static void
choose_models_cb (GSimpleAction *action,
                  GVariant      *parameter,
                  gpointer       user_data)
{
  FugueFileChooser chooser = {
    .title = _("Folder with models"), .accept = _("Look here"), .action = GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER,
  };

  fugue_compat_choose_files (user_data, &chooser, models_chosen_cb, g_object_ref (user_data));
}

/* ---- exploring ---- */

static void
vary_cb (GSimpleAction *action,
         GVariant      *parameter,
         gpointer       user_data)
{
  FugueWindow *self = user_data;

  if (g_str_equal (g_action_get_name (G_ACTION (action)), "vary-nearer"))
    fugue_controls_scale_how_far (self->controls, 1 / FAR_NOTCH);
  fugue_window_vary_this (self);
}

static void
farther_cb (GSimpleAction *action,
            GVariant      *parameter,
            gpointer       user_data)
{
  FugueWindow *self = user_data;
  gboolean is_farther = g_str_equal (g_action_get_name (G_ACTION (action)), "farther");
  g_autofree char *message = NULL;
  double how_far;

  fugue_controls_scale_how_far (self->controls, is_farther ? FAR_NOTCH : 1 / FAR_NOTCH);
  g_object_get (self->controls, "how-far", &how_far, NULL);
  message = g_strdup_printf (_("How far: %.0f %%"), how_far);
  fugue_window_toast (self, message, NULL, 0);
}

static void
reroll_cb (GSimpleAction *action,
           GVariant      *parameter,
           gpointer       user_data)
{
  fugue_window_reroll (user_data);
}

/* Marks what is selected, all in one step of undo, and goes on to what follows. */
static void
mark_selected (FugueWindow *self,
               FugueMark    mark,
               gboolean     advance)
{
  g_autoptr (GPtrArray) selected = fugue_gallery_dup_selected (self->gallery);
  g_autoptr (FuguePicture) next = advance ? fugue_gallery_dup_after_selection (self->gallery) : NULL;

  fugue_undo_end_step (self->undo);
  for (guint i = 0; i < selected->len; i++)
    {
      fugue_picture_set_mark (selected->pdata[i], mark);
      if (mark == FUGUE_MARK_NONE)
        fugue_picture_set_rating (selected->pdata[i], 0);
    }
  fugue_undo_end_step (self->undo);
  if (next != NULL)
    fugue_gallery_go_to (self->gallery, next, TRUE);
}

static void
mark_cb (GSimpleAction *action,
         GVariant      *parameter,
         gpointer       user_data)
{
  const char *name = g_action_get_name (G_ACTION (action));

  if (g_str_equal (name, "keep"))
    mark_selected (user_data, FUGUE_MARK_KEEP, TRUE);
  else if (g_str_equal (name, "reject"))
    mark_selected (user_data, FUGUE_MARK_REJECT, TRUE);
  else
    mark_selected (user_data, FUGUE_MARK_NONE, FALSE);
}

static void
rate_cb (GSimpleAction *action,
         GVariant      *parameter,
         gpointer       user_data)
{
  FugueWindow *self = user_data;
  g_autoptr (GPtrArray) selected = fugue_gallery_dup_selected (self->gallery);

  fugue_undo_end_step (self->undo);
  for (guint i = 0; i < selected->len; i++)
    fugue_picture_set_rating (selected->pdata[i], g_variant_get_int32 (parameter));
  fugue_undo_end_step (self->undo);
}

static gboolean
check_finished (FugueWindow  *self,
                FuguePicture *picture)
{
  if (fugue_picture_get_state (picture) == FUGUE_PICTURE_FINISHED)
    return TRUE;

  fugue_window_toast (self, _("This picture is not finished yet."), NULL, 0);
  return FALSE;
}

static void
put_source_cb (FugueWindow *self,
               FugueSource *source,
               gpointer     user_data)
{
  fugue_window_put_source (self, source);
}

static void
diff_cb (GSimpleAction *action,
         GVariant      *parameter,
         gpointer       user_data)
{
  FugueWindow *self = user_data;
  FugueSource *source = fugue_sources_get_focused (self->sources);
  FuguePicture *picture = source == NULL ? fugue_gallery_get_current (self->gallery) : NULL;

  if (picture != NULL)
    {
      if (!check_finished (self, picture))
        return;
      fugue_window_with_source (self, picture, FUGUE_SLOT_A, put_source_cb, NULL);
    }
  else if (source != NULL)
    {
      fugue_window_put_source (self, source);
    }
  fugue_window_set_mode (self, "diff");
  fugue_panes_set_shown (self->panes, FUGUE_PANE_END, TRUE);
  gtk_stack_set_visible_child_name (self->end_stack, "controls");
  gtk_widget_child_focus (GTK_WIDGET (self->panel_stack), GTK_DIR_TAB_FORWARD);
}

static void
send_to_cb (GSimpleAction *action,
            GVariant      *parameter,
            gpointer       user_data)
{
  FugueWindow *self = user_data;
  FugueSlot slot = fugue_slot_from_letter (g_variant_get_string (parameter, NULL));
  FugueSource *source = fugue_sources_get_focused (self->sources);
  FuguePicture *picture = source == NULL ? fugue_gallery_get_current (self->gallery) : NULL;

  if (source != NULL)
    fugue_session_move_source (self->session, source, slot);
  else if (picture != NULL && check_finished (self, picture))
    fugue_window_with_source (self, picture, slot, put_source_cb, NULL);
}

static void
mute_cb (GSimpleAction *action,
         GVariant      *parameter,
         gpointer       user_data)
{
  FugueWindow *self = user_data;
  FugueSlot slot = fugue_slot_from_letter (g_variant_get_string (parameter, NULL));
  FugueSource *source = slot < FUGUE_N_SLOTS ? fugue_session_get_slot (self->session, slot) : NULL;
  g_autofree char *message = NULL;

  if (source == NULL)
    {
      fugue_window_toast (self, _("There is nothing in that slot."), NULL, 0);
      return;
    }
  fugue_undo_end_step (self->undo);
  fugue_source_set_muted (source, !fugue_source_is_muted (source));
  fugue_undo_end_step (self->undo);
  message = g_strdup_printf (fugue_source_is_muted (source) ? _("%s is muted: mixes leave it out.")
                                                            : _("%s is in mixes again."), fugue_source_get_name (source));
  fugue_window_toast (self, message, NULL, 0);
}

static void
lock_source_cb (FugueWindow *self,
                FugueSource *source,
                gpointer     user_data)
{
  g_autofree char *message = NULL;

  fugue_source_set_locked (source, TRUE);
  fugue_window_put_source (self, source);
  message = g_strdup_printf (_("%s is in slot A and locked: what is made starts from exactly this picture."),
                             fugue_source_get_name (source));
  fugue_window_toast (self, message, NULL, 0);
}

static void
lock_cb (GSimpleAction *action,
         GVariant      *parameter,
         gpointer       user_data)
{
  FugueWindow *self = user_data;
  FugueSource *source = fugue_sources_get_focused (self->sources);
  FuguePicture *picture = source == NULL ? fugue_gallery_get_current (self->gallery) : NULL;

  if (source == NULL && picture == NULL)
    source = self->base;
  if (source != NULL)
    fugue_source_set_locked (source, !fugue_source_is_locked (source));
  else if (picture != NULL && check_finished (self, picture))
    fugue_window_with_source (self, picture, FUGUE_SLOT_A, lock_source_cb, NULL);
}

static void
parent_cb (GSimpleAction *action,
           GVariant      *parameter,
           gpointer       user_data)
{
  FugueWindow *self = user_data;
  FuguePicture *picture = fugue_gallery_get_current (self->gallery);
  FuguePicture *parent = picture != NULL
                           ? fugue_session_find_picture (self->session, fugue_picture_get_parent (picture)) : NULL;

  if (parent != NULL)
    fugue_gallery_go_to (self->gallery, parent, TRUE);
  else
    fugue_window_toast (self, _("It was made from a source, not from a picture of the gallery."), NULL, 0);
}

static void
child_cb (GSimpleAction *action,
          GVariant      *parameter,
          gpointer       user_data)
{
  FugueWindow *self = user_data;
  FuguePicture *picture = fugue_gallery_get_current (self->gallery);
  GListModel *pictures = fugue_session_get_pictures (self->session);
  guint n = g_list_model_get_n_items (pictures);

  for (guint i = 0; picture != NULL && i < n; i++)
    {
      g_autoptr (FuguePicture) child = g_list_model_get_item (pictures, i);

      if (fugue_picture_get_parent (child) == fugue_picture_get_id (picture))
        {
          fugue_gallery_go_to (self->gallery, child, TRUE);
          return;
        }
    }
  fugue_window_toast (self, _("Nothing was made from it yet. V varies it."), NULL, 0);
}

static void
details_cb (GSimpleAction *action,
            GVariant      *value,
            gpointer       user_data)
{
  FugueWindow *self = user_data;
  gboolean shown = g_variant_get_boolean (value);

  g_simple_action_set_state (action, value);
  gtk_stack_set_visible_child_name (self->end_stack, shown ? "details" : "controls");
  if (shown)
    fugue_panes_set_shown (self->panes, FUGUE_PANE_END, TRUE);
}

static void
move_cb (GSimpleAction *action,
         GVariant      *parameter,
         gpointer       user_data)
{
  static const struct { const char *name; GtkDirectionType direction; } DIRECTIONS[] = {
    { "left", GTK_DIR_LEFT }, { "down", GTK_DIR_DOWN }, { "up", GTK_DIR_UP }, { "right", GTK_DIR_RIGHT },
  };

  for (guint i = 0; i < G_N_ELEMENTS (DIRECTIONS); i++)
    if (g_str_equal (g_variant_get_string (parameter, NULL), DIRECTIONS[i].name))
      fugue_gallery_move (FUGUE_WINDOW (user_data)->gallery, DIRECTIONS[i].direction);
}

static void
unmarked_cb (GSimpleAction *action,
             GVariant      *parameter,
             gpointer       user_data)
{
  FugueWindow *self = user_data;
  gboolean is_next = g_str_equal (g_action_get_name (G_ACTION (action)), "next-unmarked");
  g_autoptr (FuguePicture) picture = fugue_gallery_dup_neighbour (self->gallery, is_next ? 1 : -1, TRUE);

  if (picture != NULL)
    fugue_gallery_go_to (self->gallery, picture, TRUE);
}

static void
find_cb (GSimpleAction *action,
         GVariant      *parameter,
         gpointer       user_data)
{
  fugue_gallery_focus_search (FUGUE_WINDOW (user_data)->gallery);
}

static void
size_cb (GSimpleAction *action,
         GVariant      *parameter,
         gpointer       user_data)
{
  FugueWindow *self = user_data;
  gboolean is_larger = g_str_equal (g_action_get_name (G_ACTION (action)), "larger");
  double size = fugue_gallery_get_cell_size (self->gallery);

  fugue_gallery_set_cell_size (self->gallery, (int) (is_larger ? size * SIZE_NOTCH + 0.5 : size / SIZE_NOTCH + 0.5));
}

/* ---- the table ---- */

static const GActionEntry ACTIONS[] = {
  { "open", open_cb },
  { "open-in", open_in_cb, "s" },
  { "open-folder", open_folder_cb },
  { "open-sample", open_sample_cb, "s" },
  { "paste", paste_cb },
  { "use-settings", use_settings_cb, "b" },
  { "undo", undo_cb },
  { "redo", redo_cb },
  { "close", close_cb },
  { "fullscreen", fullscreen_cb },
  { "show-sources", NULL, NULL, "true", toggle_pane_cb },
  { "show-controls", NULL, NULL, "true", toggle_pane_cb },
  { "show-queue", show_queue_cb },
  { "focus-pane", focus_pane_cb, "i" },
  { "next-mode", next_mode_cb },
  { "go", go_cb },
  { "go-next", go_cb },
  { "live", NULL, NULL, "false", live_cb },
  { "stop", stop_cb },
  { "stop-run", stop_run_cb },
  { "skip", skip_cb },
  { "repeat", repeat_cb },
  { "resume-stopped", resume_stopped_cb },
  { "resume-left-over", resume_left_over_cb },
  { "review-left-over", review_left_over_cb },
  { "discard-left-over", discard_left_over_cb },
  { "edit-job", edit_job_cb, "x" },
  { "clear-queue", clear_queue_cb },
  { "try-on-processor", try_on_processor_cb },
  { "try-batch-on-processor", try_on_processor_cb, "x" },
  { "copy-report", copy_report_cb },
  { "copy-report-of", copy_report_cb, "x" },
  { "use-processor", use_processor_cb },
  { "retry-engine", retry_engine_cb },
  { "retry-disk", retry_disk_cb },
  { "devices", devices_cb },
  { "dismiss-device", dismiss_device_cb },
  { "dismiss-welcome", dismiss_welcome_cb },
  { "keep-model", keep_model_cb },
  { "choose-models", choose_models_cb },
  { "vary", vary_cb },
  { "vary-nearer", vary_cb },
  { "farther", farther_cb },
  { "nearer", farther_cb },
  { "reroll", reroll_cb },
  { "keep", mark_cb },
  { "reject", mark_cb },
  { "unmark", mark_cb },
  { "rate", rate_cb, "i" },
  { "diff", diff_cb },
  { "send-to", send_to_cb, "s" },
  { "mute", mute_cb, "s" },
  { "lock", lock_cb },
  { "parent", parent_cb },
  { "child", child_cb },
  { "details", NULL, NULL, "false", details_cb },
  { "move", move_cb, "s" },
  { "previous-unmarked", unmarked_cb },
  { "next-unmarked", unmarked_cb },
  { "find", find_cb },
  { "larger", size_cb },
  { "smaller", size_cb },
};

void
fugue_window_add_actions (FugueWindow *self)
{
  g_autoptr (GPropertyAction) mode = g_property_action_new ("mode", self->panel_stack, "visible-child-name");
  g_autoptr (GPropertyAction) pause = g_property_action_new ("pause", self->queue, "is-paused");

  g_action_map_add_action_entries (G_ACTION_MAP (self), ACTIONS, G_N_ELEMENTS (ACTIONS), self);
  fugue_window_add_export_actions (self);
  g_action_map_add_action (G_ACTION_MAP (self), G_ACTION (mode));
  g_action_map_add_action (G_ACTION_MAP (self), G_ACTION (pause));
  g_signal_connect_object (self->panes, "changed", G_CALLBACK (panes_changed_cb), self, G_CONNECT_SWAPPED);
}

static void
enable (FugueWindow *self,
        const char  *name,
        gboolean     enabled)
{
  g_simple_action_set_enabled (G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self), name)), enabled);
}

void
fugue_window_update_actions (FugueWindow *self)
{
  gboolean has_picture = fugue_gallery_get_current (self->gallery) != NULL;
  gboolean runs = is_running (self);
  gboolean is_stopping;

  g_object_get (self->queue, "is-stopping", &is_stopping, NULL);
  enable (self, "undo", fugue_undo_can_undo (self->undo));
  enable (self, "redo", fugue_undo_can_redo (self->undo));
  enable (self, "stop-run", runs && !is_stopping);
  enable (self, "skip", runs);
  enable (self, "keep", has_picture);
  enable (self, "reject", has_picture);
  enable (self, "unmark", has_picture);
  enable (self, "rate", has_picture);
  enable (self, "try-on-processor", fugue_window_has_failed_selected (self, TRUE));
  enable (self, "copy-report", fugue_window_has_failed_selected (self, FALSE));
  enable (self, "parent", has_picture);
  enable (self, "child", has_picture);
  enable (self, "copy-recipe", has_picture);
  enable (self, "copy", has_picture || self->picture != NULL);
  enable (self, "export", has_picture || self->picture != NULL);
  enable (self, "export-as", has_picture || self->picture != NULL);
  enable (self, "contact-sheet", g_list_model_get_n_items (fugue_session_get_pictures (self->session)) > 0);
}

/* ---- menus ---- */

static void
append_section (GMenu             *menu,
                const char *const *actions)
{
  g_autoptr (GMenu) section = g_menu_new ();

  for (guint i = 0; actions[i] != NULL; i++)
    fugue_shortcuts_append_item (section, actions[i]);
  g_menu_append_section (menu, NULL, G_MENU_MODEL (section));
}

GMenu *
fugue_window_create_menu (void)
{
  static const char *const FILES[] = {
    "app.new-window", "win.open", "win.open-folder", "win.paste", "win.save-copy", NULL,
  };
  static const char *const EXPORTS[] = { "win.export", "win.export-as", "win.contact-sheet", NULL };
  static const char *const VIEWS[] = {
    "win.show-sources", "win.show-controls", "win.details", "win.fullscreen", NULL,
  };
  static const char *const HELP[] = { "app.preferences", "app.shortcuts", NULL };
  GMenu *menu = g_menu_new ();

  append_section (menu, FILES);
  append_section (menu, EXPORTS);
  append_section (menu, VIEWS);
  append_section (menu, HELP);
  /* The only one without a key. */
  g_menu_append (menu, _("About Fugue"), "app.about");
  return menu;
}

GMenu *
fugue_window_create_go_menu (void)
{
  static const char *const GOES[] = { "win.go", "win.go-next", "win.repeat", "win.reroll", NULL };
  static const char *const FAR[] = { "win.farther", "win.nearer", NULL };
  GMenu *menu = g_menu_new ();

  append_section (menu, GOES);
  append_section (menu, FAR);
  return menu;
}

GMenu *
fugue_window_create_picture_menu (void)
{
  static const char *const MAKES[] = { "win.vary", "win.vary-nearer", "win.diff", "win.lock", NULL };
  static const char *const FAILED[] = { "win.try-on-processor", "win.copy-report", NULL };
  static const char *const MARKS[] = { "win.keep", "win.reject", "win.unmark", NULL };
  static const char *const SLOTS[] = {
    "win.send-to::a", "win.send-to::b", "win.send-to::c", "win.send-to::d", NULL,
  };
  static const char *const RATES[] = {
    "win.rate(1)", "win.rate(2)", "win.rate(3)", "win.rate(4)", "win.rate(5)", NULL,
  };
  static const char *const GOES[] = { "win.parent", "win.child", "win.details", NULL };
  static const char *const COPIES[] = {
    "win.copy", "win.copy-recipe", "win.export", "win.export-as", "win.contact-sheet", NULL,
  };
  GMenu *menu = g_menu_new ();
  g_autoptr (GMenu) subs = g_menu_new ();
  g_autoptr (GMenu) slots = g_menu_new ();
  g_autoptr (GMenu) rates = g_menu_new ();

  append_section (menu, MAKES);
  append_section (menu, FAILED);
  append_section (menu, MARKS);
  append_section (slots, SLOTS);
  append_section (rates, RATES);
  g_menu_append_submenu (subs, _("Send to a slot"), G_MENU_MODEL (slots));
  g_menu_append_submenu (subs, _("Rate"), G_MENU_MODEL (rates));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (subs));
  append_section (menu, GOES);
  append_section (menu, COPIES);
  return menu;
}
