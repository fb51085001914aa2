/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Batches: made of the present settings, queued, followed. Live mode. */

#include "config.h"

#include "fugue-window-private.h"

#include <glib/gi18n.h>

#include "fugue-cell.h"
#include "fugue-folder-dialog.h"
#include "fugue-recipe.h"
#include "fugue-shortcut-keys.h"

/* Live mode: between the first movement and the draft, so that a drag makes a draft of its newest value; and from the last
 * movement to the full picture. */
#define DRAFT_MS 30
#define REST_MS  600

/* A batch that took longer than this is worth a notification. */
#define LONG_BATCH_S 10

/* ---- pictures as sources ---- */

typedef struct
{
  FugueWindow          *window;     /* owned */
  FugueSourceReadyFunc  func;
  gpointer              user_data;
} SourceReady;

static void
source_ready_cb (GObject      *object,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  SourceReady *ready = user_data;
  g_autoptr (FugueWindow) self = ready->window;
  g_autoptr (GError) error = NULL;
  g_autoptr (FugueSource) source = fugue_session_add_finish (FUGUE_SESSION (object), result, &error);

  if (g_cancellable_is_cancelled (self->cancellable))
    ;
  else if (source != NULL)
    ready->func (self, source, ready->user_data);
  else
    fugue_window_toast (self, error->message, NULL, 0);
  g_free (ready);
}

static FugueSource *
find_source_of_picture (FugueWindow  *self,
                        FuguePicture *picture)
{
  GListModel *sources = fugue_session_get_sources (self->session);
  guint n = g_list_model_get_n_items (sources);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (FugueSource) source = g_list_model_get_item (sources, i);

      if (fugue_source_get_picture (source) == fugue_picture_get_id (picture))
        return source;
    }
  return NULL;
}

void
fugue_window_with_source (FugueWindow          *self,
                          FuguePicture         *picture,
                          FugueSlot             slot,
                          FugueSourceReadyFunc  func,
                          gpointer              user_data)
{
  FugueSource *source = find_source_of_picture (self, picture);
  SourceReady *ready;

  if (source != NULL)
    {
      if (slot != FUGUE_SLOT_NONE && fugue_source_get_slot (source) != slot)
        fugue_session_move_source (self->session, source, slot);
      func (self, source, user_data);
      return;
    }

  ready = g_new (SourceReady, 1);
  *ready = (SourceReady) { .window = g_object_ref (self), .func = func, .user_data = user_data };
  fugue_session_add_picture_async (self->session, picture, slot, self->cancellable, source_ready_cb, ready);
}

/* ---- making batches ---- */

typedef struct
{
  FugueMode    mode;
  FugueSource *source;      /* owned; (nullable) */
  gboolean     in_front;
} Wanted;

static void
wanted_free (Wanted *wanted)
{
  g_clear_object (&wanted->source);
  g_free (wanted);
}

void
fugue_window_clear_wanted (FugueWindow *self)
{
  g_queue_clear_full (&self->wanted, (GDestroyNotify) wanted_free);
}

/* Whether a model may still come by itself. */
static gboolean
is_loading (FugueWindow *self)
{
  FugueEngine *engine = g_list_model_get_n_items (G_LIST_MODEL (self->pool)) > 0
                          ? fugue_engine_pool_get_main (self->pool) : NULL;

  if (engine == NULL)
    return FALSE;

  switch (fugue_engine_get_state (engine))
    {
    case FUGUE_ENGINE_DEAD:
    case FUGUE_ENGINE_STARTING:
    case FUGUE_ENGINE_LOADING:
      return TRUE;
    default:
      return FALSE;
    }
}

static const char *
get_mode_title (FugueMode mode)
{
  static const char *const TITLES[FUGUE_N_MODES] = {
    [FUGUE_MODE_VARY] = N_("Vary"),
    [FUGUE_MODE_DIFF] = N_("Diff"),
    [FUGUE_MODE_MIX] = N_("Mix"),
    [FUGUE_MODE_INVERT] = N_("Invert"),
  };

  return _(TITLES[mode]);
}

static char *
dup_label (FugueWindow *self,
           FugueMode    mode,
           FugueSource *source)
{
  g_autoptr (GString) names = NULL;

  if (mode != FUGUE_MODE_MIX)
    {
      for (FugueSlot slot = FUGUE_SLOT_A; source == NULL && slot < FUGUE_N_SLOTS; slot++)
        source = fugue_session_get_slot (self->session, slot);
      return g_strdup (source != NULL ? fugue_source_get_name (source) : "");
    }

  names = g_string_new (NULL);
  for (FugueSlot slot = FUGUE_SLOT_A; slot < FUGUE_N_SLOTS; slot++)
    {
      FugueSource *part = fugue_session_get_slot (self->session, slot);

      if (part != NULL && !fugue_source_is_muted (part))
        g_string_append_printf (names, "%s%s", names->len > 0 ? " + " : "", fugue_source_get_name (part));
    }
  return g_string_free (g_steal_pointer (&names), FALSE);
}

static void
add_job (FugueWindow *self,
         FugueMode    mode,
         FugueSource *source,
         GPtrArray   *recipes,
         const char  *label,
         gboolean     in_front)
{
  g_autofree char *title = g_strdup_printf ("%s %s", get_mode_title (mode), label);
  FugueJobParams params = { .mode = mode, .title = title, .label = label, .recipes = recipes };
  g_autoptr (FuguePicture) first = NULL;
  FugueJob *job;

  params.parent = source != NULL ? fugue_source_get_picture (source) : 0;
  g_object_get (self->controls, "preview-every", &params.preview_every, NULL);
  job = fugue_queue_add (self->queue, &params, in_front);
  g_set_object (&self->last_job, job);

  first = g_list_model_get_item (fugue_job_get_pictures (job), 0);
  if (first != NULL)
    fugue_gallery_go_to (self->gallery, first, TRUE);
}

static void
report (FugueWindow  *self,
        const GError *error)
{
  fugue_window_toast (self, error->message, NULL, 0);
}

void
fugue_window_run (FugueWindow *self,
                  FugueMode    mode,
                  FugueSource *source,
                  gboolean     in_front)
{
  FugueRecipeRequest request = { .mode = mode };
  g_autoptr (GPtrArray) recipes = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *label = NULL;

  g_return_if_fail (FUGUE_IS_WINDOW (self));

  if (source == NULL && mode != FUGUE_MODE_MIX)
    source = self->base;
  if (fugue_controls_get_model (self->controls) == NULL && is_loading (self))
    {
      Wanted *wanted = g_new (Wanted, 1);

      *wanted = (Wanted) { .mode = mode, .source = source, .in_front = in_front };
      if (source != NULL)
        g_object_ref (source);
      g_queue_push_tail (&self->wanted, wanted);
      fugue_window_toast (self, _("The model is still being loaded; then it begins."), NULL, 0);
      return;
    }

  fugue_controls_roll_seed (self->controls);
  request.source = source;
  recipes = fugue_controls_build_recipes (self->controls, self->session, &request, &error);
  if (recipes == NULL)
    {
      report (self, error);
      return;
    }
  label = dup_label (self, mode, source);
  add_job (self, mode, source, recipes, label, in_front);
}

void
fugue_window_run_wanted (FugueWindow *self)
{
  Wanted *wanted;

  while (fugue_controls_get_model (self->controls) != NULL && (wanted = g_queue_pop_head (&self->wanted)) != NULL)
    {
      fugue_toasts_dismiss (self->toasts);
      fugue_window_run (self, wanted->mode, wanted->source, wanted->in_front);
      wanted_free (wanted);
    }
}

static void
vary_source_cb (FugueWindow *self,
                FugueSource *source,
                gpointer     user_data)
{
  fugue_window_run (self, FUGUE_MODE_VARY, source, FALSE);
}

void
fugue_window_vary_this (FugueWindow *self)
{
  FugueSource *source = fugue_sources_get_focused (self->sources);
  FuguePicture *picture = source == NULL ? fugue_gallery_get_current (self->gallery) : NULL;

  if (source == NULL && picture == NULL)
    source = self->base;

  if (picture == NULL)
    fugue_window_run (self, FUGUE_MODE_VARY, source, FALSE);
  else if (fugue_picture_get_state (picture) == FUGUE_PICTURE_FINISHED)
    fugue_window_with_source (self, picture, FUGUE_SLOT_NONE, vary_source_cb, NULL);
  else
    fugue_window_toast (self, _("This picture is not finished yet."), NULL, 0);
}

/* ---- folders ---- */

void
fugue_window_vary_folder (FugueWindow *self,
                          GFile       *folder)
{
  g_return_if_fail (FUGUE_IS_WINDOW (self));

  gtk_window_present (fugue_folder_dialog_new (GTK_WINDOW (self), folder, self->folders, self->queue, self->controls));
}

static void
folder_done_cb (FugueWindow *self,
                const char  *folder,
                guint        n_queued,
                guint        n_failed,
                const char  *message)
{
  g_autofree char *text = NULL;

  if (n_failed == 0)
    return;
  text = g_strdup_printf (ngettext ("%u picture of “%s” could not be read. %s",
                                    "%u pictures of “%s” could not be read. The first: %s", n_failed),
                          n_failed, folder, message);
  fugue_window_toast (self, text, NULL, 0);
}

/* ---- the same again ---- */

/* Rejected pictures of the batch that @like belongs to, or of the first batch that has some, in whose places nothing new was made yet. */
static GPtrArray *
find_rejected (FugueWindow  *self,
               FuguePicture *like)
{
  GPtrArray *found = g_ptr_array_new ();
  GListModel *pictures = fugue_session_get_pictures (self->session);
  guint n = g_list_model_get_n_items (pictures);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (FuguePicture) picture = g_list_model_get_item (pictures, i);

      if (fugue_picture_get_mark (picture) != FUGUE_MARK_REJECT || fugue_picture_is_replaced (picture)
          || fugue_picture_get_recipe (picture) == NULL
          || (like != NULL && fugue_picture_get_job (picture) != fugue_picture_get_job (like)))
        continue;
      if (like == NULL)
        like = picture;
      g_ptr_array_add (found, picture);
    }
  return found;
}

/* Puts the pictures of a job where @replaced are, one for one. Undoing it leaves the new ones where they were added. */
static void
take_places (FugueWindow *self,
             FugueJob    *job,
             GPtrArray   *replaced)
{
  GListModel *pictures = fugue_job_get_pictures (job);
  FuguePicture *current = fugue_gallery_get_current (self->gallery);

  fugue_undo_end_step (self->undo);
  for (guint i = 0; i < replaced->len; i++)
    {
      g_autoptr (FuguePicture) picture = g_list_model_get_item (pictures, i);

      fugue_picture_set_place (picture, fugue_picture_get_place (replaced->pdata[i]));
      if (replaced->pdata[i] == current)
        fugue_gallery_go_to (self->gallery, picture, TRUE);
    }
  fugue_undo_end_step (self->undo);
}

static void
say_nothing_rejected (FugueWindow *self)
{
  g_autofree char *keys = fugue_shortcut_keys_dup_label (fugue_shortcut_keys_get_default (), fugue_shortcuts_find ("win.reject"));
  /* Translators: %s is a key, or several: "X, Delete" */
  g_autofree char *message = g_strdup_printf (_("Nothing is rejected. A picture is rejected by %s."), keys);

  fugue_window_toast (self, *keys != '\0' ? message : _("Nothing is rejected."), NULL, 0);
}

void
fugue_window_reroll (FugueWindow *self)
{
  g_autoptr (GPtrArray) rejected = find_rejected (self, fugue_gallery_get_current (self->gallery));
  g_autoptr (GPtrArray) recipes = g_ptr_array_new_with_free_func ((GDestroyNotify) unclip_recipe_unref);
  g_autofree char *title = NULL;
  g_autofree char *message = NULL;
  FuguePicture *first;
  FugueJobParams params = { 0 };
  FugueJob *job;
  guint64 seed = g_random_int ();

  if (rejected->len == 0)
    {
      g_ptr_array_unref (rejected);
      rejected = find_rejected (self, NULL);
    }
  if (rejected->len == 0)
    {
      say_nothing_rejected (self);
      return;
    }

  for (guint i = 0; i < rejected->len; i++)
    g_ptr_array_add (recipes, fugue_recipe_dup_with_seed (fugue_picture_get_recipe (rejected->pdata[i]), seed));

  first = rejected->pdata[0];
  title = g_strdup_printf ("%s %s", fugue_picture_get_verb_title (first), fugue_picture_get_label (first));
  params.mode = fugue_enum_from_nick (FUGUE_TYPE_MODE, fugue_picture_get_verb (first), FUGUE_MODE_VARY);
  params.title = title;
  params.label = fugue_picture_get_label (first);
  params.recipes = recipes;
  params.parent = fugue_picture_get_parent (first);
  g_object_get (self->controls, "preview-every", &params.preview_every, NULL);
  job = fugue_queue_add (self->queue, &params, FALSE);
  g_set_object (&self->last_job, job);
  take_places (self, job, rejected);
  message = g_strdup_printf (ngettext ("%u picture is made again in its place; the rejected one is under “Rejected”.",
                                       "%u pictures are made again in their places; the rejected ones are under “Rejected”.",
                                       rejected->len),
                             rejected->len);
  fugue_window_toast (self, message, NULL, 0);
}

void
fugue_window_repeat (FugueWindow *self)
{
  FugueJob *job = self->last_job != NULL
                    ? fugue_queue_duplicate (self->queue, self->last_job, g_random_int ()) : NULL;

  if (job != NULL)
    g_set_object (&self->last_job, job);
  else
    fugue_window_toast (self, _("There is no batch to repeat yet."), NULL, 0);
}

/* ---- taking back ---- */

/* Each goes to the front, so the last one first. */
void
fugue_window_resume_stopped (FugueWindow *self)
{
  for (guint i = self->stopped_jobs->len; i > 0; i--)
    fugue_queue_resume (self->queue, self->stopped_jobs->pdata[i - 1]);
  g_ptr_array_set_size (self->stopped_jobs, 0);
}

static FugueJob *
find_waiting (FugueWindow *self,
              gint64       id)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->queue));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (FugueJob) job = g_list_model_get_item (G_LIST_MODEL (self->queue), i);

      if (fugue_job_get_id (job) == id && fugue_job_get_state (job) == FUGUE_JOB_WAITING)
        return job;
    }
  return NULL;
}

void
fugue_window_edit_job (FugueWindow *self,
                       gint64       id)
{
  FugueJob *job = find_waiting (self, id);
  GListModel *pictures = job != NULL ? fugue_job_get_pictures (job) : NULL;
  g_autoptr (FuguePicture) first = pictures != NULL ? g_list_model_get_item (pictures, 0) : NULL;
  g_autoptr (UnclipRecipe) recipe = NULL;
  FugueToastButton button = { _("Put it back"), "win.resume-stopped" };
  guint n = pictures != NULL ? g_list_model_get_n_items (pictures) : 0;
  FugueSource *source;

  if (first == NULL || fugue_picture_get_recipe (first) == NULL)
    return;

  recipe = unclip_recipe_ref (fugue_picture_get_recipe (first));
  fugue_undo_end_step (self->undo);
  fugue_window_load_recipe (self, recipe);
  g_object_set (self->controls, "n-pictures", n, "is-seed-locked", TRUE, NULL);
  fugue_undo_end_step (self->undo);
  source = unclip_recipe_get_sources (recipe)[0] != NULL
             ? fugue_session_find_source (self->session, unclip_recipe_get_sources (recipe)[0]) : NULL;
  if (source != NULL)
    fugue_window_put_source (self, source);

  g_ptr_array_set_size (self->stopped_jobs, 0);
  g_ptr_array_add (self->stopped_jobs, g_object_ref (job));
  self->is_clearing = TRUE;
  fugue_queue_remove (self->queue, job);
  self->is_clearing = FALSE;
  fugue_toasts_dismiss (self->toasts);
  fugue_window_toast (self, _("The batch is out of the queue, and its settings are in the controls. Go queues it again."),
                      &button, 1);
}

void
fugue_window_clear_queue (FugueWindow *self)
{
  g_autoptr (GPtrArray) waiting = g_ptr_array_new_with_free_func (g_object_unref);
  FugueToastButton button = { _("Bring them back"), "win.resume-stopped" };
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->queue));
  g_autofree char *message = NULL;

  fugue_folder_batch_cancel (self->folders);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (FugueJob) job = g_list_model_get_item (G_LIST_MODEL (self->queue), i);

      if (fugue_job_get_state (job) == FUGUE_JOB_WAITING)
        g_ptr_array_add (waiting, g_steal_pointer (&job));
    }
  if (waiting->len == 0)
    return;

  self->is_clearing = TRUE;
  for (guint i = 0; i < waiting->len; i++)
    fugue_queue_remove (self->queue, waiting->pdata[i]);
  self->is_clearing = FALSE;
  message = g_strdup_printf (ngettext ("%u batch is taken out of the queue.", "%u batches are taken out of the queue.",
                                       waiting->len), waiting->len);
  g_ptr_array_unref (self->stopped_jobs);
  self->stopped_jobs = g_steal_pointer (&waiting);
  fugue_window_toast (self, message, &button, 1);
}

/* ---- live mode ---- */

static gboolean
is_live (FugueWindow *self)
{
  g_autoptr (GVariant) state = g_action_group_get_action_state (G_ACTION_GROUP (self), "live");

  return state != NULL && g_variant_get_boolean (state);
}

static void
set_draft (FugueWindow *self,
           gboolean     is_draft)
{
  FugueMode mode = fugue_enum_from_nick (FUGUE_TYPE_MODE, fugue_window_get_mode (self), FUGUE_MODE_VARY);
  FugueRecipeRequest request = { .mode = mode, .n = 1, .is_draft = is_draft };
  FugueJobParams params = { .mode = mode, .title = _("Live"), .preview_every = 1, .is_hidden = TRUE };
  g_autoptr (GPtrArray) recipes = NULL;

  request.source = mode != FUGUE_MODE_MIX ? self->base : NULL;
  recipes = fugue_controls_build_recipes (self->controls, self->session, &request, NULL);
  /* Half-typed captions and the like make no picture; that is no news. */
  if (recipes == NULL)
    return;

  params.recipes = recipes;
  fugue_queue_set_draft (self->queue, &params);
}

static gboolean
draft_cb (gpointer user_data)
{
  FugueWindow *self = user_data;

  self->draft_timeout = 0;
  set_draft (self, TRUE);
  return G_SOURCE_REMOVE;
}

static gboolean
rest_cb (gpointer user_data)
{
  FugueWindow *self = user_data;

  self->rest_timeout = 0;
  set_draft (self, FALSE);
  return G_SOURCE_REMOVE;
}

static void
request_draft (FugueWindow *self)
{
  if (!is_live (self))
    return;

  if (self->draft_timeout == 0)
    self->draft_timeout = g_timeout_add (DRAFT_MS, draft_cb, self);
  g_clear_handle_id (&self->rest_timeout, g_source_remove);
  self->rest_timeout = g_timeout_add (REST_MS, rest_cb, self);
}

void
fugue_window_stop_drafts (FugueWindow *self)
{
  g_clear_handle_id (&self->draft_timeout, g_source_remove);
  g_clear_handle_id (&self->rest_timeout, g_source_remove);
  if (self->queue != NULL && fugue_queue_get_draft (self->queue) != NULL)
    fugue_queue_set_draft (self->queue, NULL);
}

void
fugue_window_set_live (FugueWindow *self,
                       gboolean     live)
{
  if (live)
    request_draft (self);
  else
    fugue_window_stop_drafts (self);
}

/* ---- following ---- */

static void
notify_end (FugueWindow *self,
            FugueJob    *job,
            double       seconds)
{
  GApplication *application = G_APPLICATION (fugue_window_get_application (self));
  g_autoptr (GNotification) notification = NULL;
  g_autofree char *body = NULL;
  guint n = fugue_job_get_n_finished (job);

  if (seconds < LONG_BATCH_S || gtk_window_is_active (GTK_WINDOW (self))
      || !g_settings_get_boolean (self->settings, "notify"))
    return;

  notification = g_notification_new (fugue_job_get_title (job));
  body = g_strdup_printf (ngettext ("%u picture is finished.", "%u pictures are finished.", n), n);
  g_notification_set_body (notification, body);
  g_application_send_notification (application, "batch", notification);
}

static void
offer_resume (FugueWindow *self,
              FugueJob    *job)
{
  guint n = g_list_model_get_n_items (fugue_job_get_pictures (job));
  guint n_finished = fugue_job_get_n_finished (job);
  g_autofree char *message = g_strdup_printf (_("Stopped. %u of %u finished."), n_finished, n);
  g_autofree char *label = g_strdup_printf (ngettext ("Resume the other %u", "Resume the other %u", n - n_finished),
                                            n - n_finished);
  FugueToastButton button = { label, "win.resume-stopped" };

  g_ptr_array_set_size (self->stopped_jobs, 0);
  g_ptr_array_add (self->stopped_jobs, g_object_ref (job));
  fugue_window_toast (self, message, &button, n > n_finished ? 1 : 0);
}

static void
job_ended_cb (FugueWindow *self,
              FugueJob    *job)
{
  double seconds = self->run_began > 0 ? (g_get_monotonic_time () - self->run_began) / 1e6 : 0;

  self->run_began = fugue_queue_get_current (self->queue) != NULL ? g_get_monotonic_time () : 0;
  if (fugue_job_is_draft (job) || self->is_closing || self->is_clearing)
    return;

  switch (fugue_job_get_state (job))
    {
    case FUGUE_JOB_CANCELLED:
      /* Of a strip or a contact sheet there is nothing in the gallery that could be resumed. */
      if (!fugue_job_is_hidden (job))
        offer_resume (self, job);
      break;
    case FUGUE_JOB_FAILED:
      /* Its pictures have said so. */
      break;
    default:
      notify_end (self, job, seconds);
      break;
    }
}

/* A machine that falls asleep in the middle of a batch helps nobody. */
static void
inhibit (FugueWindow *self)
{
  GtkApplication *application = GTK_APPLICATION (fugue_window_get_application (self));
  gboolean runs = fugue_queue_get_current (self->queue) != NULL && !fugue_queue_is_paused (self->queue);

  if (application == NULL || runs == self->is_inhibited)
    return;

  self->is_inhibited = runs;
  if (runs)
    {
      self->inhibit_cookie = gtk_application_inhibit (application, GTK_WINDOW (self), GTK_APPLICATION_INHIBIT_SUSPEND,
                                                      _("Pictures are being made"));
    }
  else if (self->inhibit_cookie != 0)
    {
      gtk_application_uninhibit (application, self->inhibit_cookie);
      self->inhibit_cookie = 0;
    }
}

static void
queue_notify_cb (FugueWindow *self)
{
  if (self->run_began == 0 && fugue_queue_get_current (self->queue) != NULL)
    self->run_began = g_get_monotonic_time ();
  inhibit (self);
  fugue_window_update_actions (self);
}

void
fugue_window_follow_queue (FugueWindow *self)
{
  g_signal_connect_object (self->queue, "notify", G_CALLBACK (queue_notify_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->queue, "job-ended", G_CALLBACK (job_ended_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->folders, "done", G_CALLBACK (folder_done_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->controls, "edited", G_CALLBACK (request_draft), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self, "notify::base", G_CALLBACK (request_draft), self, G_CONNECT_SWAPPED);
  queue_notify_cb (self);
}
