/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "fugue-mode-stage.h"

#include "fugue-convert.h"
#include "fugue-pad.h"
#include "fugue-settings.h"
#include "fugue-sheet.h"
#include "fugue-strip.h"

#include <glib/gi18n.h>
#include <math.h>

struct _FugueModeStage
{
  GtkWidget      parent_instance;

  FugueMode      mode;

  /* children; all but stage may be missing */
  GtkWidget     *pad;
  GtkWidget     *stage;
  GtkWidget     *strip;

  /* owned */
  FugueSession  *session;
  FugueControls *controls;
  FugueQueue    *queue;
  FuguePicture  *picture;               /* nullable, as the next two */
  FugueSource   *base;
  FuguePicture  *made;                  /* the last one that was asked for here, or inverted */
  FugueJob      *strip_job;             /* nullable: whose pictures the strip shows */
  char          *strip_hash;            /* of its first recipe */
  FugueSheet    *sheet;                 /* of the pad; nullable */

  guint          update_id;             /* idle */
  gboolean       sources_changed;
};

G_DEFINE_FINAL_TYPE (FugueModeStage, fugue_mode_stage, GTK_TYPE_WIDGET)

enum
{
  PROP_PICTURE = 1,
  PROP_BASE,
  N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];
static guint       message_signal;

FugueStage *
fugue_mode_stage_get_stage (FugueModeStage *self)
{
  g_return_val_if_fail (FUGUE_IS_MODE_STAGE (self), NULL);
  return FUGUE_STAGE (self->stage);
}

static gboolean
is_inverting (FuguePicture *picture)
{
  return g_str_equal (fugue_picture_get_verb (picture), "invert");
}

/* Which picture: the draft of live mode, else the strip's at this amount, else what was made here or put on stage last. */
static FuguePicture *
get_picture (FugueModeStage *self)
{
  FugueJob *draft = fugue_queue_get_draft (self->queue);

  if (draft && fugue_job_get_mode (draft) == self->mode)
    {
      g_autoptr (FuguePicture) first = g_list_model_get_item (fugue_job_get_pictures (draft), 0);

      return first;                     /* the job keeps it alive */
    }
  if (self->strip && fugue_strip_get_picture (FUGUE_STRIP (self->strip)))
    return fugue_strip_get_picture (FUGUE_STRIP (self->strip));
  if (self->made)
    return self->made;
  /* Where sources are compared, only reconstructions have something to be compared with. */
  return self->mode == FUGUE_MODE_INVERT && self->picture && !is_inverting (self->picture) ? NULL : self->picture;
}

/* A reconstruction is compared with its own source, whatever is on stage. */
static FugueSource *
get_source (FugueModeStage *self, FuguePicture *picture)
{
  UnclipRecipe          *recipe = picture ? fugue_picture_get_recipe (picture) : NULL;
  const UnclipNoiseNode *noise = recipe ? unclip_recipe_get_noise (recipe) : NULL;
  FugueSource           *source = NULL;

  if (self->mode == FUGUE_MODE_INVERT && noise && noise->kind == UNCLIP_NOISE_INVERT)
    source = fugue_session_find_source (self->session, noise->source);
  return source ? source : self->base;
}

static void
update_picture (FugueModeStage *self)
{
  FuguePicture *picture = get_picture (self);

  fugue_stage_set_source (FUGUE_STAGE (self->stage), get_source (self, picture));
  fugue_stage_set_picture (FUGUE_STAGE (self->stage), picture);
}

static void
take_made (FugueModeStage *self, FugueJob *job)
{
  g_clear_object (&self->made);
  self->made = g_list_model_get_item (fugue_job_get_pictures (job), 0);
  update_picture (self);
}

/* Jobs that are asked for here. */

static FugueJob *
add_job (FugueModeStage *self, const FugueRecipeRequest *request, gboolean is_hidden)
{
  g_autoptr (GError)    error = NULL;
  g_autoptr (GPtrArray) recipes = NULL;
  const char           *name = self->base ? fugue_source_get_name (self->base) : "";
  g_autofree char      *title = NULL;
  FugueJobParams        params = { .mode = self->mode, .label = name, .is_hidden = is_hidden };
  guint                 preview_every;

  recipes = fugue_controls_build_recipes (self->controls, self->session, request, &error);
  if (!recipes)
    {
      g_signal_emit (self, message_signal, 0, error->message);
      return NULL;
    }
  g_object_get (self->controls, "preview-every", &preview_every, NULL);
  title = request->is_strip ? g_strdup_printf (_("Film strip of %s"), name)
          : self->mode == FUGUE_MODE_MIX ? g_strdup (_("Mix")) : g_strdup_printf (_("Diff %s"), name);
  params.title = title;
  params.recipes = recipes;
  params.parent = self->base && self->mode != FUGUE_MODE_MIX ? fugue_source_get_picture (self->base) : 0;
  params.preview_every = preview_every;
  return fugue_queue_add (self->queue, &params, TRUE);
}

/* One picture with these values, in full, in the gallery and on the stage. */
static void
render_full (FugueModeStage *self)
{
  FugueRecipeRequest request = { .mode = self->mode, .n = 1 };
  FugueJob          *job;

  request.source = self->mode == FUGUE_MODE_MIX ? NULL : self->base;
  job = add_job (self, &request, FALSE);
  if (job)
    take_made (self, job);
}

/* Diff. */

static char *
dup_strip_hash (FugueModeStage *self)
{
  FugueRecipeRequest    request = { .mode = FUGUE_MODE_DIFF, .source = self->base, .is_strip = TRUE, .is_draft = TRUE };
  g_autoptr (GPtrArray) recipes = fugue_controls_build_recipes (self->controls, self->session, &request, NULL);

  return recipes && recipes->len > 0 ? g_strdup (unclip_recipe_get_hash (g_ptr_array_index (recipes, 0))) : NULL;
}

static void
render_strip_cb (FugueModeStage *self)
{
  FugueRecipeRequest request = { .mode = FUGUE_MODE_DIFF, .source = self->base, .is_strip = TRUE, .is_draft = TRUE };
  FugueJob          *job = add_job (self, &request, TRUE);

  if (!job)
    return;
  if (self->strip_job)
    fugue_queue_remove (self->queue, self->strip_job);
  g_set_object (&self->strip_job, job);
  g_free (self->strip_hash);
  self->strip_hash = dup_strip_hash (self);
  fugue_strip_set_pictures (FUGUE_STRIP (self->strip), fugue_job_get_pictures (job));
  update_picture (self);
}

/* Frames of other captions or another source would lie. */
static void
drop_stale_strip (FugueModeStage *self)
{
  g_autofree char *hash = NULL;

  if (!self->strip_job)
    return;
  hash = dup_strip_hash (self);
  if (g_strcmp0 (hash, self->strip_hash) == 0)
    return;
  fugue_queue_remove (self->queue, self->strip_job);
  g_clear_object (&self->strip_job);
  g_clear_pointer (&self->strip_hash, g_free);
  fugue_strip_set_pictures (FUGUE_STRIP (self->strip), NULL);
}

static void
update_strip (FugueModeStage *self)
{
  double amounts[FUGUE_STRIP_MAX_FRAMES];
  guint  n;

  g_object_get (self->controls, "strip-frames", &n, NULL);
  n = MIN (n, FUGUE_STRIP_MAX_FRAMES);
  for (guint i = 0; i < n; i++)
    amounts[i] = fugue_controls_get_strip_amount (self->controls, i);
  fugue_strip_set_amounts (FUGUE_STRIP (self->strip), amounts, n);
  drop_stale_strip (self);
}

/* Mix. */

static char *
dup_mix_text (FugueModeStage *self, guint corners)
{
  double   x, y, weights[FUGUE_N_SLOTS];
  GString *text = g_string_new (_("Mix:"));
  gboolean is_first = TRUE;

  g_object_get (self->controls, "pad-x", &x, "pad-y", &y, NULL);
  fugue_pad_get_weights (corners, x, y, weights);
  for (guint slot = 0; slot < FUGUE_N_SLOTS; slot++)
    if (corners & (1u << slot))
      {
        FugueSource *source = fugue_session_get_slot (self->session, slot);

        /* Translators: a part of a mix, such as "50 % lighthouse" */
        g_string_append (text, is_first ? " " : ", ");
        g_string_append_printf (text, _("%.0f %% %s"), round (weights[slot] * 100),
                                source ? fugue_source_get_name (source) : "");
        is_first = FALSE;
      }
  return g_string_free (text, FALSE);
}

static void
update_pad (FugueModeStage *self)
{
  static const char *const letters[] = { "A", "B", "C", "D" };
  guint                    slots = fugue_controls_get_corners (self->controls);
  FuguePadCorner           corners[FUGUE_N_SLOTS];
  GdkTexture              *textures[FUGUE_N_SLOTS] = { NULL };
  guint                    n = 0;

  for (guint slot = 0; slot < FUGUE_N_SLOTS; slot++)
    {
      FugueSource *source = fugue_session_get_slot (self->session, slot);
      UnclipImage *thumbnail = source ? fugue_source_get_thumbnail (source) : NULL;

      if (!(slots & (1u << slot)))
        continue;
      if (thumbnail)
        textures[n] = fugue_texture_new_from_image (thumbnail);
      corners[n] = (FuguePadCorner) { letters[slot], GDK_PAINTABLE (textures[n]) };
      n++;
    }
  fugue_pad_set_corners (FUGUE_PAD (self->pad), corners, n);
  for (guint i = 0; i < n; i++)
    g_clear_object (&textures[i]);
}

static void
update_pad_text (FugueModeStage *self)
{
  guint            corners = fugue_controls_get_corners (self->controls);
  g_autofree char *text = corners ? dup_mix_text (self, corners) : g_strdup (_("Nothing to mix"));

  fugue_pad_set_value_text (FUGUE_PAD (self->pad), text);
}

static void
update_sheet (FugueModeStage *self)
{
  FuguePadCell          cells[FUGUE_SHEET_MAX_CELLS];
  guint                 n;
  double                side;
  const FugueSheetCell *made = fugue_sheet_get_cells (self->sheet, &n, &side);

  for (guint i = 0; i < n; i++)
    cells[i] = (FuguePadCell) { made[i].x, made[i].y,
                                made[i].image ? GDK_PAINTABLE (fugue_texture_new_from_image (made[i].image)) : NULL };
  fugue_pad_set_sheet (FUGUE_PAD (self->pad), cells, n, side);
  for (guint i = 0; i < n; i++)
    g_clear_object (&cells[i].paintable);
}

/* Another size, and none after the largest. */
static void
next_sheet_cb (FugueModeStage *self)
{
  FugueContactSheet size;

  g_object_get (self->controls, "contact-sheet", &size, NULL);
  g_object_set (self->controls, "contact-sheet", size == FUGUE_CONTACT_SHEET_7 ? FUGUE_CONTACT_SHEET_OFF : size + 1, NULL);
}

static void
mapped_cb (FugueModeStage *self)
{
  if (self->sheet)
    fugue_sheet_set_active (self->sheet, gtk_widget_get_mapped (GTK_WIDGET (self)));
}

/* What surrounds the picture is a person's choice; the style sheet knows the classes by the setting's nicks. */
static void
background_changed_cb (FugueModeStage *self)
{
  g_autofree char  *nick = g_settings_get_string (fugue_settings_get_default (), "stage-background");
  g_autofree char  *css_class = g_strconcat ("background-", nick, NULL);
  const char *const classes[] = { css_class, NULL };

  gtk_widget_set_css_classes (GTK_WIDGET (self), (const char **) classes);
}

/* Invert shows what runs. */
static void
current_changed_cb (FugueModeStage *self)
{
  FugueJob *job = fugue_queue_get_current (self->queue);

  if (job && fugue_job_get_mode (job) == FUGUE_MODE_INVERT)
    take_made (self, job);
}

/* Values and sources change in bundles: once a turn is enough. */

static gboolean
update_cb (gpointer data)
{
  FugueModeStage *self = data;

  self->update_id = 0;
  if (self->strip)
    update_strip (self);
  /* Moving the dot is no reason to make the corners' textures anew. */
  if (self->pad && self->sources_changed)
    update_pad (self);
  if (self->pad)
    update_pad_text (self);
  self->sources_changed = FALSE;
  update_picture (self);
  return G_SOURCE_REMOVE;
}

static void
changed_cb (FugueModeStage *self)
{
  if (self->update_id == 0)
    self->update_id = g_idle_add_full (G_PRIORITY_HIGH_IDLE, update_cb, self, NULL);
}

static void
sources_changed_cb (FugueModeStage *self)
{
  self->sources_changed = TRUE;
  changed_cb (self);
}

static void
fugue_mode_stage_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  FugueModeStage *self = FUGUE_MODE_STAGE (object);

  switch (id)
    {
    case PROP_PICTURE:
      g_value_set_object (value, self->picture);
      break;
    case PROP_BASE:
      g_value_set_object (value, self->base);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
fugue_mode_stage_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  FugueModeStage *self = FUGUE_MODE_STAGE (object);

  switch (id)
    {
    case PROP_PICTURE:
      if (!g_set_object (&self->picture, g_value_get_object (value)))
        break;
      g_clear_object (&self->made);
      changed_cb (self);
      g_object_notify_by_pspec (object, pspec);
      break;
    case PROP_BASE:
      if (!g_set_object (&self->base, g_value_get_object (value)))
        break;
      changed_cb (self);
      g_object_notify_by_pspec (object, pspec);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
fugue_mode_stage_dispose (GObject *object)
{
  FugueModeStage *self = FUGUE_MODE_STAGE (object);

  g_clear_handle_id (&self->update_id, g_source_remove);
  if (self->sheet)
    g_object_run_dispose (G_OBJECT (self->sheet));
  g_clear_object (&self->sheet);
  g_clear_pointer (&self->pad, gtk_widget_unparent);
  g_clear_pointer (&self->stage, gtk_widget_unparent);
  g_clear_pointer (&self->strip, gtk_widget_unparent);
  g_clear_object (&self->session);
  g_clear_object (&self->controls);
  g_clear_object (&self->queue);
  g_clear_object (&self->picture);
  g_clear_object (&self->base);
  g_clear_object (&self->made);
  g_clear_object (&self->strip_job);
  g_clear_pointer (&self->strip_hash, g_free);
  G_OBJECT_CLASS (fugue_mode_stage_parent_class)->dispose (object);
}

static gboolean
fugue_mode_stage_grab_focus (GtkWidget *widget)
{
  FugueModeStage *self = FUGUE_MODE_STAGE (widget);

  return gtk_widget_grab_focus (self->pad ? self->pad : self->stage);
}

static void
fugue_mode_stage_class_init (FugueModeStageClass *klass)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;
  GObjectClass     *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass   *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = fugue_mode_stage_get_property;
  object_class->set_property = fugue_mode_stage_set_property;
  object_class->dispose = fugue_mode_stage_dispose;
  properties[PROP_PICTURE] = g_param_spec_object ("picture", NULL, NULL, FUGUE_TYPE_PICTURE, flags);
  properties[PROP_BASE] = g_param_spec_object ("base", NULL, NULL, FUGUE_TYPE_SOURCE, flags);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
  widget_class->grab_focus = fugue_mode_stage_grab_focus;
  message_signal = g_signal_new ("message", FUGUE_TYPE_MODE_STAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 1, G_TYPE_STRING);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "modestage");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
fugue_mode_stage_init (FugueModeStage *self)
{
  self->stage = fugue_stage_new ();
  gtk_widget_set_hexpand (self->stage, TRUE);
  gtk_widget_set_vexpand (self->stage, TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Stage"), -1);
}

static void
add_strip (FugueModeStage *self)
{
  GtkLayoutManager *layout = gtk_widget_get_layout_manager (GTK_WIDGET (self));

  gtk_orientable_set_orientation (GTK_ORIENTABLE (layout), GTK_ORIENTATION_VERTICAL);
  self->strip = fugue_strip_new ();
  gtk_widget_set_parent (self->strip, GTK_WIDGET (self));
  g_object_bind_property (self->controls, "amount", self->strip, "amount", G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
  g_signal_connect_swapped (self->strip, "activate", G_CALLBACK (render_full), self);
  g_signal_connect_swapped (self->strip, "render", G_CALLBACK (render_strip_cb), self);
}

static void
add_pad (FugueModeStage *self)
{
  GtkLayoutManager *layout = gtk_widget_get_layout_manager (GTK_WIDGET (self));

  gtk_box_layout_set_homogeneous (GTK_BOX_LAYOUT (layout), TRUE);
  self->pad = fugue_pad_new ();
  gtk_widget_insert_before (self->pad, GTK_WIDGET (self), self->stage);
  g_object_bind_property (self->controls, "pad-x", self->pad, "x", G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
  g_object_bind_property (self->controls, "pad-y", self->pad, "y", G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
  g_signal_connect_swapped (self->pad, "activate", G_CALLBACK (render_full), self);
  g_signal_connect_swapped (self->pad, "sheet", G_CALLBACK (next_sheet_cb), self);

  self->sheet = fugue_sheet_new (self->session, self->controls, self->queue);
  g_signal_connect_object (self->sheet, "changed", G_CALLBACK (update_sheet), self, G_CONNECT_SWAPPED);
  g_signal_connect (self, "map", G_CALLBACK (mapped_cb), NULL);
  g_signal_connect (self, "unmap", G_CALLBACK (mapped_cb), NULL);
}

GtkWidget *
fugue_mode_stage_new (FugueMode mode, FugueSession *session, FugueControls *controls, FugueQueue *queue)
{
  FugueModeStage *self;

  g_return_val_if_fail (FUGUE_IS_SESSION (session), NULL);
  g_return_val_if_fail (FUGUE_IS_CONTROLS (controls), NULL);
  g_return_val_if_fail (FUGUE_IS_QUEUE (queue), NULL);

  self = g_object_new (FUGUE_TYPE_MODE_STAGE, NULL);
  self->mode = mode;
  self->session = g_object_ref (session);
  self->controls = g_object_ref (controls);
  self->queue = g_object_ref (queue);
  gtk_widget_set_parent (self->stage, GTK_WIDGET (self));
  if (mode == FUGUE_MODE_DIFF)
    add_strip (self);
  else if (mode == FUGUE_MODE_MIX)
    add_pad (self);
  else if (mode == FUGUE_MODE_INVERT)
    {
      fugue_stage_set_comparing (FUGUE_STAGE (self->stage), TRUE);
      g_signal_connect_object (queue, "notify::current", G_CALLBACK (current_changed_cb), self, G_CONNECT_SWAPPED);
    }

  g_signal_connect_object (fugue_settings_get_default (), "changed::stage-background", G_CALLBACK (background_changed_cb),
                           self, G_CONNECT_SWAPPED);
  background_changed_cb (self);
  g_signal_connect_object (queue, "notify::draft", G_CALLBACK (update_picture), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (controls, "notify", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (fugue_session_get_sources (session), "items-changed", G_CALLBACK (sources_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "edited", G_CALLBACK (sources_changed_cb), self, G_CONNECT_SWAPPED);
  sources_changed_cb (self);
  return GTK_WIDGET (self);
}
