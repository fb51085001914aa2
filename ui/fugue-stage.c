/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is wanted of the source (its crop at the picture's size, and the difference) is asked of a worker thread whenever picture or
 * source changes; the newest question wins, and what is shown meanwhile stays.
 */

#include "config.h"

#include "fugue-stage.h"

#include "fugue-cell.h"
#include "fugue-convert.h"
#include "fugue-difference.h"
#include "fugue-meter.h"

#include <glib/gi18n.h>
#include <math.h>

struct _FugueStage
{
  GtkWidget     parent_instance;

  /* children */
  GtkWidget    *view;
  GtkWidget    *note;
  GtkWidget    *meter;

  /* owned, nullable */
  FuguePicture *picture;
  FugueSource  *source;
  GCancellable *cancellable;            /* of the question that is under way */
  GdkTexture   *picture_texture;
  UnclipImage  *picture_image;          /* that picture_texture shows */
  GdkTexture   *source_texture;
  GdkTexture   *difference_texture;

  gboolean      is_comparing;
  gboolean      shows_source;
};

G_DEFINE_FINAL_TYPE (FugueStage, fugue_stage, GTK_TYPE_WIDGET)

enum
{
  PROP_PICTURE = 1,
  PROP_SOURCE,
  PROP_IS_COMPARING,
  PROP_SHOWS_SOURCE,
  N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];

/* Showing. */

static void
update_view (FugueStage *self)
{
  g_autofree char *difference = g_strdup_printf (_("Difference, × %d"), FUGUE_DIFFERENCE_GAIN);
  FugueViewPane    panes[FUGUE_VIEW_MAX_PANES] = {
    { self->source_texture, _("Source") },
    { self->picture_texture, _("Reconstruction") },
    { self->difference_texture, difference },
  };
  GdkTexture      *single = self->picture_texture && !self->shows_source ? self->picture_texture : self->source_texture;

  if (self->is_comparing)
    fugue_view_set_panes (FUGUE_VIEW (self->view), panes, G_N_ELEMENTS (panes));
  else
    fugue_view_set_panes (FUGUE_VIEW (self->view), &(FugueViewPane) { single, NULL }, single ? 1 : 0);
}

static char *
dup_progress (FuguePicture *picture)
{
  const char *stage = fugue_picture_get_stage (picture);

  if (*stage == '\0')
    return g_strdup (_("Running"));
  return g_strdup_printf (_("%s, step %u of %u"), fugue_stage_get_title (stage), fugue_picture_get_step (picture),
                          fugue_picture_get_n_steps (picture));
}

static char *
dup_note (FugueStage *self)
{
  if (!self->picture)
    return NULL;
  switch (fugue_picture_get_state (self->picture))
    {
    case FUGUE_PICTURE_WAITING:
      return g_strdup (_("Waiting for its turn"));
    case FUGUE_PICTURE_RUNNING:
      return dup_progress (self->picture);
    case FUGUE_PICTURE_FAILED:
      return g_strdup (fugue_picture_get_error_message (self->picture));
    case FUGUE_PICTURE_CANCELLED:
      return g_strdup (_("Stopped"));
    default:
      return self->shows_source ? g_strdup (_("Source")) : NULL;
    }
}

static void
update_words (FugueStage *self)
{
  g_autofree char *note = dup_note (self);
  g_autofree char *description = NULL;

  gtk_label_set_label (GTK_LABEL (self->note), note ? note : "");
  gtk_widget_set_visible (self->note, note != NULL);
  gtk_widget_set_visible (self->meter, self->is_comparing);
  if (self->picture)
    fugue_meter_set_values (FUGUE_METER (self->meter), fugue_picture_get_psnr_db (self->picture),
                            fugue_picture_get_max_difference (self->picture), fugue_picture_get_clip_degrees (self->picture));
  else
    fugue_meter_set_values (FUGUE_METER (self->meter), NAN, NAN, NAN);

  if (self->picture)
    description = fugue_picture_dup_description (self->picture);
  else if (self->source)
    description = g_strdup_printf (_("Source %s"), fugue_source_get_name (self->source));
  else
    description = g_strdup (_("Empty"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, description, -1);
}

/* What a worker makes of the source. */

typedef struct
{
  UnclipImage *source;
  UnclipRect   crop;
  UnclipImage *picture;                 /* nullable: nothing to compare with */
  UnclipImage *shown;                   /* out */
  UnclipImage *difference;              /* out; nullable */
} Work;

static void
work_free (gpointer data)
{
  Work *work = data;

  g_clear_pointer (&work->source, unclip_image_unref);
  g_clear_pointer (&work->picture, unclip_image_unref);
  g_clear_pointer (&work->shown, unclip_image_unref);
  g_clear_pointer (&work->difference, unclip_image_unref);
  g_free (work);
}

static void
compare_worker (GTask *task, gpointer source_object, gpointer task_data, GCancellable *cancellable)
{
  Work *work = task_data;
  guint width = work->picture ? unclip_image_get_width (work->picture) : 0;
  guint height = work->picture ? unclip_image_get_height (work->picture) : 0;

  work->shown = fugue_source_image_new (work->source, &work->crop, width, height);
  if (work->picture)
    work->difference = fugue_difference_image_new (work->shown, work->picture);
  g_task_return_boolean (task, TRUE);
}

static void
compared_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  FugueStage *self = FUGUE_STAGE (object);
  Work       *work = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), NULL))
    return;
  g_clear_object (&self->cancellable);
  g_clear_object (&self->source_texture);
  g_clear_object (&self->difference_texture);
  self->source_texture = fugue_texture_new_from_image (work->shown);
  if (work->difference)
    self->difference_texture = fugue_texture_new_from_image (work->difference);
  update_view (self);
}

static void
forget_question (FugueStage *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
}

static void
update_source (FugueStage *self)
{
  g_autoptr (GTask) task = NULL;
  UnclipImage      *image = self->source ? fugue_source_get_image (self->source) : NULL;
  Work             *work;

  forget_question (self);
  if (!image)
    {
      if (self->source)
        fugue_source_request_image (self->source);
      else
        {
          g_clear_object (&self->source_texture);
          g_clear_object (&self->difference_texture);
          update_view (self);
        }
      return;
    }

  work = g_new0 (Work, 1);
  work->source = unclip_image_ref (image);
  fugue_source_get_crop (self->source, &work->crop);
  if (self->is_comparing && self->picture_image)
    work->picture = unclip_image_ref (self->picture_image);
  self->cancellable = g_cancellable_new ();
  task = g_task_new (self, self->cancellable, compared_cb, NULL);
  g_task_set_task_data (task, work, work_free);
  g_task_run_in_thread (task, compare_worker);
}

/* The best there is of the picture: itself, its newest preview, its thumbnail. */
static void
update_picture (FugueStage *self)
{
  UnclipImage *image = NULL;

  if (self->picture)
    {
      if (fugue_picture_get_state (self->picture) == FUGUE_PICTURE_FINISHED)
        fugue_picture_request_image (self->picture);
      image = fugue_picture_get_image (self->picture);
      if (!image)
        image = fugue_picture_get_preview (self->picture);
      if (!image)
        image = fugue_picture_get_thumbnail (self->picture);
    }
  update_words (self);
  if (image == self->picture_image)
    return;

  g_clear_pointer (&self->picture_image, unclip_image_unref);
  g_clear_object (&self->picture_texture);
  if (image)
    {
      self->picture_image = unclip_image_ref (image);
      self->picture_texture = fugue_texture_new_from_image (image);
    }
  update_view (self);
  if (self->is_comparing)
    update_source (self);
}

FuguePicture *
fugue_stage_get_picture (FugueStage *self)
{
  g_return_val_if_fail (FUGUE_IS_STAGE (self), NULL);
  return self->picture;
}

FugueSource *
fugue_stage_get_source (FugueStage *self)
{
  g_return_val_if_fail (FUGUE_IS_STAGE (self), NULL);
  return self->source;
}

FugueView *
fugue_stage_get_view (FugueStage *self)
{
  g_return_val_if_fail (FUGUE_IS_STAGE (self), NULL);
  return FUGUE_VIEW (self->view);
}

void
fugue_stage_set_picture (FugueStage *self, FuguePicture *picture)
{
  g_return_if_fail (FUGUE_IS_STAGE (self));
  g_return_if_fail (picture == NULL || FUGUE_IS_PICTURE (picture));

  if (picture == self->picture)
    return;
  if (self->picture)
    g_signal_handlers_disconnect_by_data (self->picture, self);
  g_set_object (&self->picture, picture);
  if (picture)
    g_signal_connect_swapped (picture, "notify", G_CALLBACK (update_picture), self);
  update_picture (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PICTURE]);
}

void
fugue_stage_set_source (FugueStage *self, FugueSource *source)
{
  g_return_if_fail (FUGUE_IS_STAGE (self));
  g_return_if_fail (source == NULL || FUGUE_IS_SOURCE (source));

  if (source == self->source)
    return;
  if (self->source)
    g_signal_handlers_disconnect_by_data (self->source, self);
  g_set_object (&self->source, source);
  if (source)
    {
      g_signal_connect_swapped (source, "notify::image", G_CALLBACK (update_source), self);
      g_signal_connect_swapped (source, "notify::crop", G_CALLBACK (update_source), self);
    }
  update_source (self);
  update_words (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SOURCE]);
}

void
fugue_stage_set_comparing (FugueStage *self, gboolean is_comparing)
{
  g_return_if_fail (FUGUE_IS_STAGE (self));

  if (is_comparing == self->is_comparing)
    return;
  self->is_comparing = is_comparing;
  update_source (self);
  update_view (self);
  update_words (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_IS_COMPARING]);
}

void
fugue_stage_set_shows_source (FugueStage *self, gboolean shows_source)
{
  g_return_if_fail (FUGUE_IS_STAGE (self));

  if (shows_source == self->shows_source)
    return;
  self->shows_source = shows_source;
  update_view (self);
  update_words (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SHOWS_SOURCE]);
}

/* B, held, shows the source. */

static gboolean
key_pressed_cb (FugueStage *self, guint keyval, guint keycode, GdkModifierType state)
{
  if (keyval != GDK_KEY_b || (state & gtk_accelerator_get_default_mod_mask ()) || self->is_comparing)
    return GDK_EVENT_PROPAGATE;
  fugue_stage_set_shows_source (self, TRUE);
  return GDK_EVENT_STOP;
}

static void
key_released_cb (FugueStage *self, guint keyval)
{
  if (keyval == GDK_KEY_b)
    fugue_stage_set_shows_source (self, FALSE);
}

static void
focus_left_cb (FugueStage *self)
{
  fugue_stage_set_shows_source (self, FALSE);
}

static void
add_keys (FugueStage *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkEventController *focus = gtk_event_controller_focus_new ();

  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (key_pressed_cb), self);
  g_signal_connect_swapped (keys, "key-released", G_CALLBACK (key_released_cb), self);
  g_signal_connect_swapped (focus, "leave", G_CALLBACK (focus_left_cb), self);
  gtk_widget_add_controller (self->view, keys);
  gtk_widget_add_controller (self->view, focus);
}

static void
fugue_stage_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  FugueStage *self = FUGUE_STAGE (object);

  switch (id)
    {
    case PROP_PICTURE:
      g_value_set_object (value, self->picture);
      break;
    case PROP_SOURCE:
      g_value_set_object (value, self->source);
      break;
    case PROP_IS_COMPARING:
      g_value_set_boolean (value, self->is_comparing);
      break;
    case PROP_SHOWS_SOURCE:
      g_value_set_boolean (value, self->shows_source);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
fugue_stage_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  FugueStage *self = FUGUE_STAGE (object);

  switch (id)
    {
    case PROP_PICTURE:
      fugue_stage_set_picture (self, g_value_get_object (value));
      break;
    case PROP_SOURCE:
      fugue_stage_set_source (self, g_value_get_object (value));
      break;
    case PROP_IS_COMPARING:
      fugue_stage_set_comparing (self, g_value_get_boolean (value));
      break;
    case PROP_SHOWS_SOURCE:
      fugue_stage_set_shows_source (self, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
fugue_stage_dispose (GObject *object)
{
  FugueStage *self = FUGUE_STAGE (object);

  forget_question (self);
  if (self->picture)
    g_signal_handlers_disconnect_by_data (self->picture, self);
  if (self->source)
    g_signal_handlers_disconnect_by_data (self->source, self);
  g_clear_object (&self->picture);
  g_clear_object (&self->source);
  g_clear_object (&self->picture_texture);
  g_clear_object (&self->source_texture);
  g_clear_object (&self->difference_texture);
  g_clear_pointer (&self->picture_image, unclip_image_unref);
  g_clear_pointer (&self->view, gtk_widget_unparent);
  g_clear_pointer (&self->note, gtk_widget_unparent);
  g_clear_pointer (&self->meter, gtk_widget_unparent);
  G_OBJECT_CLASS (fugue_stage_parent_class)->dispose (object);
}

static gboolean
fugue_stage_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (FUGUE_STAGE (widget)->view);
}

static void
fugue_stage_class_init (FugueStageClass *klass)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;
  GObjectClass     *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass   *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = fugue_stage_get_property;
  object_class->set_property = fugue_stage_set_property;
  object_class->dispose = fugue_stage_dispose;
  widget_class->grab_focus = fugue_stage_grab_focus;

  properties[PROP_PICTURE] = g_param_spec_object ("picture", NULL, NULL, FUGUE_TYPE_PICTURE, flags);
  properties[PROP_SOURCE] = g_param_spec_object ("source", NULL, NULL, FUGUE_TYPE_SOURCE, flags);
  properties[PROP_IS_COMPARING] = g_param_spec_boolean ("is-comparing", NULL, NULL, FALSE, flags);
  properties[PROP_SHOWS_SOURCE] = g_param_spec_boolean ("shows-source", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "stage");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
fugue_stage_init (FugueStage *self)
{
  GtkLayoutManager *layout = gtk_widget_get_layout_manager (GTK_WIDGET (self));

  gtk_orientable_set_orientation (GTK_ORIENTABLE (layout), GTK_ORIENTATION_VERTICAL);
  gtk_box_layout_set_spacing (GTK_BOX_LAYOUT (layout), 6);

  self->view = fugue_view_new ();
  gtk_widget_set_parent (self->view, GTK_WIDGET (self));
  self->note = gtk_label_new (NULL);
  gtk_label_set_wrap (GTK_LABEL (self->note), TRUE);
  gtk_label_set_justify (GTK_LABEL (self->note), GTK_JUSTIFY_CENTER);
  gtk_widget_set_parent (self->note, GTK_WIDGET (self));
  self->meter = fugue_meter_new ();
  gtk_widget_set_parent (self->meter, GTK_WIDGET (self));
  add_keys (self);
  update_words (self);
}

GtkWidget *
fugue_stage_new (void)
{
  return g_object_new (FUGUE_TYPE_STAGE, NULL);
}
