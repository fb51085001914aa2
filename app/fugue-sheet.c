/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "fugue-sheet.h"

#include "fugue-job.h"

#include <glib/gi18n.h>
#include <math.h>

/* From a person's last movement to the next cell: as long as live mode waits for its full picture. */
#define REST_MS 600

struct _FugueSheet
{
  GObject        parent_instance;

  FugueSession  *session;
  FugueControls *controls;
  FugueQueue    *queue;

  FugueSheetCell cells[FUGUE_SHEET_MAX_CELLS];
  UnclipRecipe  *recipes[FUGUE_SHEET_MAX_CELLS];
  guint          n_cells;
  double         side;

  FugueJob      *job;                   /* nullable: the draft that is being made */
  guint          job_cell;
  gboolean       is_active;
  gboolean       is_given_up;           /* until a person does something */
  guint          update_source;
  guint          rest_source;
};

G_DEFINE_FINAL_TYPE (FugueSheet, fugue_sheet, G_TYPE_OBJECT)

static guint changed_signal;

/* Making. */

static void
cancel (FugueSheet *sheet)
{
  g_autoptr (FugueJob) job = g_steal_pointer (&sheet->job);

  if (job != NULL)
    fugue_queue_remove (sheet->queue, job);
}

static gboolean
is_busy (FugueSheet *sheet)
{
  FugueJob *draft = fugue_queue_get_draft (sheet->queue);

  return g_list_model_get_n_items (G_LIST_MODEL (sheet->queue)) > (sheet->job != NULL)
         || (draft != NULL && (fugue_job_get_state (draft) == FUGUE_JOB_WAITING || fugue_job_get_state (draft) == FUGUE_JOB_RUNNING));
}

/* The nearest to the middle of those that are missing; n_cells if none is. */
static guint
find_missing (FugueSheet *sheet)
{
  guint  best = sheet->n_cells;
  double best_distance = G_MAXDOUBLE;

  for (guint i = 0; i < sheet->n_cells; i++)
    {
      double distance = hypot (sheet->cells[i].x - 0.5, sheet->cells[i].y - 0.5);

      if (sheet->cells[i].image != NULL || distance >= best_distance)
        continue;
      best = i;
      best_distance = distance;
    }
  return best;
}

static void
make_next (FugueSheet *sheet)
{
  g_autoptr (GPtrArray) recipes = NULL;
  FugueJobParams        params = { .mode = FUGUE_MODE_MIX, .title = _ ("Contact sheet"), .label = "", .is_hidden = TRUE };
  guint                 cell = find_missing (sheet);

  if (!sheet->is_active || sheet->is_given_up || sheet->rest_source != 0 || sheet->job != NULL || cell == sheet->n_cells || is_busy (sheet))
    return;
  recipes = g_ptr_array_new ();
  g_ptr_array_add (recipes, sheet->recipes[cell]);
  params.recipes = recipes;
  sheet->job_cell = cell;
  sheet->job = g_object_ref (fugue_queue_add (sheet->queue, &params, FALSE));
}

static gboolean
rest_cb (gpointer user_data)
{
  FugueSheet *sheet = user_data;

  sheet->rest_source = 0;
  make_next (sheet);
  return G_SOURCE_REMOVE;
}

/* Others have work to do, or are done. The list is changing now: what is added to it comes later. */
static void
queue_changed (FugueSheet *sheet)
{
  if (is_busy (sheet))
    cancel (sheet);
  else if (sheet->is_active && sheet->rest_source == 0)
    sheet->rest_source = g_idle_add (rest_cb, sheet);
}

static void
job_ended (FugueQueue *queue, FugueJob *job, FugueSheet *sheet)
{
  g_autoptr (FuguePicture) picture = NULL;
  UnclipImage             *image;

  if (job != sheet->job)
    return;
  picture = g_list_model_get_item (fugue_job_get_pictures (job), 0);
  image = fugue_picture_get_image (picture);
  g_clear_object (&sheet->job);
  /* Stopped by a person, or nothing that would go better the next time. */
  sheet->is_given_up = image == NULL;
  if (image == NULL)
    return;
  sheet->cells[sheet->job_cell].image = unclip_image_ref (image);
  g_signal_emit (sheet, changed_signal, 0);
  queue_changed (sheet);
}

/* Which cells there are. */

static void
clear_cell (FugueSheet *sheet, guint cell)
{
  g_clear_pointer (&sheet->cells[cell].image, unclip_image_unref);
  g_clear_pointer (&sheet->recipes[cell], unclip_recipe_unref);
}

static UnclipRecipe *
build_recipe (FugueSheet *sheet, double x, double y)
{
  const FugueRecipeRequest request = { .mode = FUGUE_MODE_MIX, .n = 1, .is_draft = TRUE, .has_place = TRUE, .x = x, .y = y };
  g_autoptr (GPtrArray)    recipes = fugue_controls_build_recipes (sheet->controls, sheet->session, &request, NULL);

  return recipes != NULL ? unclip_recipe_ref (g_ptr_array_index (recipes, 0)) : NULL;
}

static gboolean
is_within (guint corners, double x, double y)
{
  double weights[FUGUE_N_SLOTS];

  fugue_pad_get_weights (corners, x, y, weights);
  for (guint slot = 0; slot < FUGUE_N_SLOTS; slot++)
    if (weights[slot] < -1e-9)
      return FALSE;
  return TRUE;
}

/* The cell at @place is there now, with its picture if that is still what would be made. */
static void
put_cell (FugueSheet *sheet, guint place, double x, double y, UnclipRecipe *recipe)
{
  for (guint i = place; i < FUGUE_SHEET_MAX_CELLS; i++)
    if (sheet->recipes[i] != NULL && g_str_equal (unclip_recipe_get_hash (sheet->recipes[i]), unclip_recipe_get_hash (recipe)))
      {
        FugueSheetCell cell = sheet->cells[i];
        UnclipRecipe  *old = sheet->recipes[i];

        sheet->cells[i] = sheet->cells[place];
        sheet->recipes[i] = sheet->recipes[place];
        sheet->cells[place] = cell;
        sheet->recipes[place] = old;
        sheet->cells[place].x = x;
        sheet->cells[place].y = y;
        return;
      }
  clear_cell (sheet, place);
  sheet->cells[place] = (FugueSheetCell){ x, y, NULL };
  sheet->recipes[place] = unclip_recipe_ref (recipe);
}

static guint
get_n_corners (guint corners)
{
  guint n = 0;

  for (guint slot = 0; slot < FUGUE_N_SLOTS; slot++)
    n += (corners >> slot) & 1;
  return n;
}

static gboolean
update_cb (gpointer user_data)
{
  static const guint n_across[] = {
    [FUGUE_CONTACT_SHEET_OFF] = 0, [FUGUE_CONTACT_SHEET_3] = 3, [FUGUE_CONTACT_SHEET_5] = 5, [FUGUE_CONTACT_SHEET_7] = 7
  };
  FugueSheet       *sheet = user_data;
  guint             corners = fugue_controls_get_corners (sheet->controls);
  FugueContactSheet size;
  guint             n, n_rows, n_cells = 0;

  sheet->update_source = 0;
  g_object_get (sheet->controls, "contact-sheet", &size, NULL);
  n = get_n_corners (corners) >= 2 ? n_across[size] : 0;
  /* Two pictures lie on a line. */
  n_rows = get_n_corners (corners) == 2 ? MIN (n, 1) : n;
  for (guint i = 0; i < n * n_rows; i++)
    {
      double                   x = (i % n) / (n - 1.0);
      double                   y = n_rows == 1 ? 0.5 : (double) (i / n) / (n - 1.0);
      g_autoptr (UnclipRecipe) recipe = is_within (corners, x, y) ? build_recipe (sheet, x, y) : NULL;

      if (recipe != NULL)
        put_cell (sheet, n_cells++, x, y, recipe);
    }
  for (guint i = n_cells; i < FUGUE_SHEET_MAX_CELLS; i++)
    clear_cell (sheet, i);
  sheet->n_cells = n_cells;
  sheet->side = n > 1 ? 1 / (n - 1.0) : 0;
  g_signal_emit (sheet, changed_signal, 0);
  make_next (sheet);
  return G_SOURCE_REMOVE;
}

/* A person did something: what is being made waits, and may be something else then. */
static void
touched (FugueSheet *sheet)
{
  sheet->is_given_up = FALSE;
  cancel (sheet);
  if (!sheet->is_active)
    return;
  g_clear_handle_id (&sheet->rest_source, g_source_remove);
  sheet->rest_source = g_timeout_add (REST_MS, rest_cb, sheet);
  if (sheet->update_source == 0)
    sheet->update_source = g_idle_add (update_cb, sheet);
}

void
fugue_sheet_set_active (FugueSheet *sheet, gboolean is_active)
{
  g_return_if_fail (FUGUE_IS_SHEET (sheet));

  if (sheet->is_active == is_active)
    return;
  sheet->is_active = is_active;
  if (is_active)
    {
      touched (sheet);
      return;
    }
  cancel (sheet);
  g_clear_handle_id (&sheet->rest_source, g_source_remove);
  g_clear_handle_id (&sheet->update_source, g_source_remove);
}

const FugueSheetCell *
fugue_sheet_get_cells (FugueSheet *sheet, guint *n_cells, double *side)
{
  g_return_val_if_fail (FUGUE_IS_SHEET (sheet), NULL);

  *n_cells = sheet->n_cells;
  *side = sheet->side;
  return sheet->cells;
}

/* The class. */

static void
fugue_sheet_dispose (GObject *object)
{
  FugueSheet *sheet = FUGUE_SHEET (object);

  if (sheet->queue != NULL)
    fugue_sheet_set_active (sheet, FALSE);
  for (guint i = 0; i < FUGUE_SHEET_MAX_CELLS; i++)
    clear_cell (sheet, i);
  sheet->n_cells = 0;
  g_clear_object (&sheet->session);
  g_clear_object (&sheet->controls);
  g_clear_object (&sheet->queue);
  G_OBJECT_CLASS (fugue_sheet_parent_class)->dispose (object);
}

static void
fugue_sheet_class_init (FugueSheetClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = fugue_sheet_dispose;
  changed_signal = g_signal_new ("changed", FUGUE_TYPE_SHEET, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
fugue_sheet_init (FugueSheet *sheet)
{
}

FugueSheet *
fugue_sheet_new (FugueSession *session, FugueControls *controls, FugueQueue *queue)
{
  FugueSheet *sheet = g_object_new (FUGUE_TYPE_SHEET, NULL);

  g_return_val_if_fail (FUGUE_IS_SESSION (session), NULL);
  g_return_val_if_fail (FUGUE_IS_CONTROLS (controls), NULL);
  g_return_val_if_fail (FUGUE_IS_QUEUE (queue), NULL);

  sheet->session = g_object_ref (session);
  sheet->controls = g_object_ref (controls);
  sheet->queue = g_object_ref (queue);
  g_signal_connect_object (controls, "notify", G_CALLBACK (touched), sheet, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "edited", G_CALLBACK (touched), sheet, G_CONNECT_SWAPPED);
  g_signal_connect_object (queue, "items-changed", G_CALLBACK (queue_changed), sheet, G_CONNECT_SWAPPED);
  g_signal_connect_object (queue, "notify::draft", G_CALLBACK (queue_changed), sheet, G_CONNECT_SWAPPED);
  g_signal_connect_object (queue, "job-ended", G_CALLBACK (job_ended), sheet, 0);
  return sheet;
}
