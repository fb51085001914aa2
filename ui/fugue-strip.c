/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Frames are widgets of their own with a roving focus: the current one can have it, Left and Right hand it on. */

#include "config.h"

#include "fugue-strip.h"

#include "fugue-convert.h"

#include <glib/gi18n.h>
#include <math.h>

/* Pixels a side of a frame's picture. */
#define FRAME_SIZE 84

/* Keeps a sign before its number, also among words that run from right to left. */
#define LEFT_TO_RIGHT "\342\200\216"

/* Two amounts closer than this are one. */
#define SAME 1e-6

/* A frame. */

#define FUGUE_TYPE_STRIP_FRAME (fugue_strip_frame_get_type ())
G_DECLARE_FINAL_TYPE (FugueStripFrame, fugue_strip_frame, FUGUE, STRIP_FRAME, GtkWidget)

struct _FugueStripFrame
{
  GtkWidget     parent_instance;

  GtkWidget    *image;                  /* children */
  GtkWidget    *label;

  FuguePicture *picture;                /* owned, nullable */
  double        amount;
};

G_DEFINE_FINAL_TYPE (FugueStripFrame, fugue_strip_frame, GTK_TYPE_WIDGET)

/* Amounts read "+0.25"; 0 has no sign. */
static char *
dup_amount (double amount)
{
  return fabs (amount) < SAME ? g_strdup ("0") : g_strdup_printf ("%+.2f", amount);
}

static const char *
get_state_word (FuguePicture *picture)
{
  if (!picture)
    return _("not made yet");
  switch (fugue_picture_get_state (picture))
    {
    case FUGUE_PICTURE_WAITING:
      return _("waiting");
    case FUGUE_PICTURE_RUNNING:
      return _("running");
    case FUGUE_PICTURE_FINISHED:
      return _("finished");
    case FUGUE_PICTURE_FAILED:
      return _("failed");
    default:
      return _("not made yet");
    }
}

static void
frame_update (FugueStripFrame *self)
{
  g_autofree char        *amount = dup_amount (self->amount);
  /* Translators: a frame of the film strip: its amount, and how far its picture is */
  g_autofree char        *label = g_strdup_printf (_("Amount %s, %s"), amount, get_state_word (self->picture));
  UnclipImage            *image = NULL;
  g_autoptr (GdkTexture)  texture = NULL;

  if (self->picture)
    {
      if (fugue_picture_get_state (self->picture) == FUGUE_PICTURE_FINISHED)
        fugue_picture_request_thumbnail (self->picture);
      image = fugue_picture_get_thumbnail (self->picture);
      if (!image)
        image = fugue_picture_get_image (self->picture);
      if (!image)
        image = fugue_picture_get_preview (self->picture);
    }
  if (image)
    texture = fugue_texture_new_from_image (image);
  gtk_picture_set_paintable (GTK_PICTURE (self->image), texture ? GDK_PAINTABLE (texture) : NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
}

static void
frame_set_picture (FugueStripFrame *self, FuguePicture *picture)
{
  if (picture == self->picture)
    return;
  if (self->picture)
    g_signal_handlers_disconnect_by_data (self->picture, self);
  g_set_object (&self->picture, picture);
  if (picture)
    g_signal_connect_swapped (picture, "notify", G_CALLBACK (frame_update), self);
  frame_update (self);
}

static void
fugue_strip_frame_dispose (GObject *object)
{
  FugueStripFrame *self = FUGUE_STRIP_FRAME (object);

  if (self->picture)
    g_signal_handlers_disconnect_by_data (self->picture, self);
  g_clear_object (&self->picture);
  g_clear_pointer (&self->image, gtk_widget_unparent);
  g_clear_pointer (&self->label, gtk_widget_unparent);
  G_OBJECT_CLASS (fugue_strip_frame_parent_class)->dispose (object);
}

static void
fugue_strip_frame_class_init (FugueStripFrameClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = fugue_strip_frame_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "stripframe");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_OPTION);
}

static void
fugue_strip_frame_init (FugueStripFrame *self)
{
  GtkLayoutManager *layout = gtk_widget_get_layout_manager (GTK_WIDGET (self));

  gtk_orientable_set_orientation (GTK_ORIENTABLE (layout), GTK_ORIENTATION_VERTICAL);
  gtk_box_layout_set_spacing (GTK_BOX_LAYOUT (layout), 2);
  self->image = gtk_picture_new ();
  gtk_picture_set_can_shrink (GTK_PICTURE (self->image), TRUE);
  gtk_widget_set_size_request (self->image, FRAME_SIZE, FRAME_SIZE);
  gtk_widget_set_parent (self->image, GTK_WIDGET (self));
  self->label = gtk_label_new (NULL);
  gtk_widget_set_parent (self->label, GTK_WIDGET (self));
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
}

static GtkWidget *
frame_new (double amount)
{
  FugueStripFrame *self = g_object_new (FUGUE_TYPE_STRIP_FRAME, NULL);
  g_autofree char *number = dup_amount (amount);
  g_autofree char *text = g_strconcat (LEFT_TO_RIGHT, number, NULL);

  self->amount = amount;
  gtk_label_set_label (GTK_LABEL (self->label), text);
  frame_update (self);
  return GTK_WIDGET (self);
}

/* The strip. */

struct _FugueStrip
{
  GtkWidget         parent_instance;

  GtkWidget        *header;             /* children */
  GtkWidget        *scroller;

  GtkWidget        *hint;               /* borrowed: in header */
  GtkBox           *box;                /* borrowed: in scroller */
  FugueStripFrame  *frames[FUGUE_STRIP_MAX_FRAMES]; /* borrowed: in box */
  guint             n_frames;

  double            amount;
};

G_DEFINE_FINAL_TYPE (FugueStrip, fugue_strip, GTK_TYPE_WIDGET)

enum
{
  PROP_AMOUNT = 1,
  N_PROPERTIES,
};

enum
{
  ACTIVATE,
  RENDER,
  N_SIGNALS,
};

static GParamSpec *properties[N_PROPERTIES];
static guint       signals[N_SIGNALS];

guint
fugue_strip_get_n_frames (FugueStrip *self)
{
  g_return_val_if_fail (FUGUE_IS_STRIP (self), 0);
  return self->n_frames;
}

guint
fugue_strip_get_current (FugueStrip *self)
{
  guint current = 0;

  g_return_val_if_fail (FUGUE_IS_STRIP (self), 0);

  for (guint i = 1; i < self->n_frames; i++)
    if (fabs (self->frames[i]->amount - self->amount) < fabs (self->frames[current]->amount - self->amount))
      current = i;
  return current;
}

FuguePicture *
fugue_strip_get_picture (FugueStrip *self)
{
  FugueStripFrame *frame;

  g_return_val_if_fail (FUGUE_IS_STRIP (self), NULL);

  if (self->n_frames == 0)
    return NULL;
  frame = self->frames[fugue_strip_get_current (self)];
  return fabs (frame->amount - self->amount) < SAME ? frame->picture : NULL;
}

/* The current frame is marked; a dashed one says that the amount lies beside it. */
static void
update_marks (FugueStrip *self)
{
  guint current = fugue_strip_get_current (self);

  for (guint i = 0; i < self->n_frames; i++)
    {
      GtkWidget *frame = GTK_WIDGET (self->frames[i]);
      gboolean   is_current = i == current;
      gboolean   is_exact = fabs (self->frames[i]->amount - self->amount) < SAME;

      (is_current && is_exact ? gtk_widget_add_css_class : gtk_widget_remove_css_class) (frame, "current");
      (is_current && !is_exact ? gtk_widget_add_css_class : gtk_widget_remove_css_class) (frame, "near");
      gtk_accessible_update_state (GTK_ACCESSIBLE (frame), GTK_ACCESSIBLE_STATE_SELECTED, is_current, -1);
      /* Tab stops at one frame of the strip; arrows do the rest. */
      gtk_widget_set_focusable (frame, is_current);
    }
}

double
fugue_strip_get_amount (FugueStrip *self)
{
  g_return_val_if_fail (FUGUE_IS_STRIP (self), 0);
  return self->amount;
}

void
fugue_strip_set_amount (FugueStrip *self, double amount)
{
  gboolean has_focus;

  g_return_if_fail (FUGUE_IS_STRIP (self));

  amount = CLAMP (amount, -1, 1);
  if (amount == self->amount)
    return;
  has_focus = gtk_widget_get_focus_child (GTK_WIDGET (self->box)) != NULL;
  self->amount = amount;
  update_marks (self);
  if (has_focus)
    gtk_widget_grab_focus (GTK_WIDGET (self->frames[fugue_strip_get_current (self)]));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_AMOUNT]);
}

static void
show_hint (FugueStrip *self, gboolean is_empty)
{
  gtk_label_set_label (GTK_LABEL (self->hint), is_empty ? _("Drafts of all amounts at once; Return on a frame makes it in full.")
                                                        : "");
}

static void
frame_pressed_cb (FugueStripFrame *frame, int n_press, double x, double y, GtkGesture *gesture)
{
  FugueStrip *self = FUGUE_STRIP (gtk_widget_get_ancestor (GTK_WIDGET (frame), FUGUE_TYPE_STRIP));

  fugue_strip_set_amount (self, frame->amount);
  gtk_widget_grab_focus (GTK_WIDGET (frame));
  if (n_press == 2)
    g_signal_emit (self, signals[ACTIVATE], 0, self->amount);
}

static gboolean
has_amounts (FugueStrip *self, const double *amounts, guint n_amounts)
{
  if (n_amounts != self->n_frames)
    return FALSE;
  for (guint i = 0; i < n_amounts; i++)
    if (fabs (self->frames[i]->amount - amounts[i]) >= SAME)
      return FALSE;
  return TRUE;
}

void
fugue_strip_set_amounts (FugueStrip *self, const double *amounts, guint n_amounts)
{
  g_return_if_fail (FUGUE_IS_STRIP (self));
  g_return_if_fail (n_amounts <= FUGUE_STRIP_MAX_FRAMES);

  if (has_amounts (self, amounts, n_amounts))
    return;
  for (guint i = 0; i < self->n_frames; i++)
    gtk_box_remove (self->box, GTK_WIDGET (self->frames[i]));
  self->n_frames = n_amounts;
  for (guint i = 0; i < n_amounts; i++)
    {
      GtkGesture *click = gtk_gesture_click_new ();

      self->frames[i] = FUGUE_STRIP_FRAME (frame_new (amounts[i]));
      g_signal_connect_swapped (click, "pressed", G_CALLBACK (frame_pressed_cb), self->frames[i]);
      gtk_widget_add_controller (GTK_WIDGET (self->frames[i]), GTK_EVENT_CONTROLLER (click));
      gtk_box_append (self->box, GTK_WIDGET (self->frames[i]));
    }
  show_hint (self, TRUE);
  update_marks (self);
}

void
fugue_strip_set_pictures (FugueStrip *self, GListModel *pictures)
{
  guint n;

  g_return_if_fail (FUGUE_IS_STRIP (self));

  n = pictures ? g_list_model_get_n_items (pictures) : 0;
  for (guint i = 0; i < self->n_frames; i++)
    {
      g_autoptr (FuguePicture) picture = i < n ? g_list_model_get_item (pictures, i) : NULL;

      frame_set_picture (self->frames[i], picture);
    }
  show_hint (self, n == 0);
}

/* Keys. */

static gboolean
walk_cb (GtkWidget *widget, GVariant *arguments, gpointer data)
{
  FugueStrip *self = FUGUE_STRIP (widget);
  int         by = g_variant_get_int32 (arguments);
  int         next = (int) fugue_strip_get_current (self);

  if (self->n_frames == 0)
    return FALSE;
  if (gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL && ABS (by) == 1)
    by = -by;
  next = CLAMP (next + by, 0, (int) self->n_frames - 1);
  fugue_strip_set_amount (self, self->frames[next]->amount);
  return TRUE;
}

static gboolean
activate_cb (GtkWidget *widget, GVariant *arguments, gpointer data)
{
  FugueStrip *self = FUGUE_STRIP (widget);

  /* The button in the header has a meaning of its own for Return. */
  if (!gtk_widget_get_focus_child (GTK_WIDGET (self->box)))
    return FALSE;
  g_signal_emit (self, signals[ACTIVATE], 0, self->amount);
  return TRUE;
}

static void
render_cb (FugueStrip *self)
{
  g_signal_emit (self, signals[RENDER], 0);
}

static void
fugue_strip_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_AMOUNT:
      g_value_set_double (value, FUGUE_STRIP (object)->amount);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
fugue_strip_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_AMOUNT:
      fugue_strip_set_amount (FUGUE_STRIP (object), g_value_get_double (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
fugue_strip_dispose (GObject *object)
{
  FugueStrip *self = FUGUE_STRIP (object);

  g_clear_pointer (&self->header, gtk_widget_unparent);
  g_clear_pointer (&self->scroller, gtk_widget_unparent);
  G_OBJECT_CLASS (fugue_strip_parent_class)->dispose (object);
}

static void
fugue_strip_class_init (FugueStripClass *klass)
{
  static const struct { guint key; int by; } walks[] = {
    { GDK_KEY_Left, -1 }, { GDK_KEY_Right, 1 }, { GDK_KEY_KP_Left, -1 }, { GDK_KEY_KP_Right, 1 },
    { GDK_KEY_Home, -FUGUE_STRIP_MAX_FRAMES }, { GDK_KEY_End, FUGUE_STRIP_MAX_FRAMES },
  };
  GObjectClass   *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = fugue_strip_get_property;
  object_class->set_property = fugue_strip_set_property;
  object_class->dispose = fugue_strip_dispose;

  properties[PROP_AMOUNT] = g_param_spec_double ("amount", NULL, NULL, -1, 1, 0,
                                                 G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
  signals[ACTIVATE] = g_signal_new ("activate", FUGUE_TYPE_STRIP, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                    G_TYPE_NONE, 1, G_TYPE_DOUBLE);
  signals[RENDER] = g_signal_new ("render", FUGUE_TYPE_STRIP, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);

  for (guint i = 0; i < G_N_ELEMENTS (walks); i++)
    gtk_widget_class_add_binding (widget_class, walks[i].key, 0, walk_cb, "i", walks[i].by);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Return, 0, activate_cb, NULL);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_KP_Enter, 0, activate_cb, NULL);

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "filmstrip");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
add_header (FugueStrip *self)
{
  GtkWidget *title = gtk_label_new (_("Film strip"));
  GtkWidget *button = gtk_button_new_with_label (_("Make the strip"));

  self->header = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 9);
  self->hint = gtk_label_new (NULL);
  gtk_label_set_ellipsize (GTK_LABEL (self->hint), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (self->hint), 0);
  gtk_widget_set_hexpand (self->hint, TRUE);
  gtk_widget_add_css_class (title, "title");
  gtk_widget_add_css_class (self->hint, "dim-label");
  gtk_widget_set_halign (button, GTK_ALIGN_END);
  g_signal_connect_swapped (button, "clicked", G_CALLBACK (render_cb), self);
  gtk_box_append (GTK_BOX (self->header), title);
  gtk_box_append (GTK_BOX (self->header), self->hint);
  gtk_box_append (GTK_BOX (self->header), button);
  gtk_widget_set_parent (self->header, GTK_WIDGET (self));
  show_hint (self, TRUE);
}

static void
fugue_strip_init (FugueStrip *self)
{
  GtkLayoutManager *layout = gtk_widget_get_layout_manager (GTK_WIDGET (self));

  gtk_orientable_set_orientation (GTK_ORIENTABLE (layout), GTK_ORIENTATION_VERTICAL);
  gtk_box_layout_set_spacing (GTK_BOX_LAYOUT (layout), 6);
  add_header (self);

  self->box = g_object_new (GTK_TYPE_BOX, "accessible-role", GTK_ACCESSIBLE_ROLE_LIST_BOX,
                            "halign", GTK_ALIGN_CENTER, NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->box), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Film strip"), -1);
  self->scroller = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scroller), GTK_POLICY_AUTOMATIC, GTK_POLICY_NEVER);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), GTK_WIDGET (self->box));
  gtk_widget_set_focusable (self->scroller, FALSE);
  gtk_widget_set_parent (self->scroller, GTK_WIDGET (self));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Film strip"), -1);
}

GtkWidget *
fugue_strip_new (void)
{
  return g_object_new (FUGUE_TYPE_STRIP, NULL);
}
