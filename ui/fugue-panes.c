/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Two nested GtkPaned in a GtkOverlay. Which panes have room in the row is known when a size is allotted; moving widgets then
 * is too late for that frame, so an idle source does it.
 */

#include "config.h"

#include "fugue-panes.h"

/* Below these widths of the whole (pixels) a pane leaves the row; with large text sooner, where there is no room for all. */
static const int NARROW[2] = { [FUGUE_PANE_START] = 1000, [FUGUE_PANE_END] = 800 };

/* Pixels that the two handles between the panes take, at the most. */
#define HANDLES 10

typedef struct
{
  GtkWidget   *child;        /* owned */
  GtkRevealer *revealer;     /* over the middle; a child of the overlay */
  gboolean     is_overlaid;
  gboolean     is_shown;     /* in the row; over the middle the revealer knows */
  int          width;
} Pane;

struct _FuguePanes
{
  GtkWidget  parent_instance;

  GtkWidget *overlay;        /* owned, as the only child */
  GtkPaned  *outer;          /* start | inner */
  GtkPaned  *inner;          /* centre | end */
  Pane       panes[2];
  guint      arrange;        /* idle source */
  gboolean   is_placed;      /* the panes have had their widths once */
};

enum
{
  CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FuguePanes, fugue_panes, GTK_TYPE_WIDGET)

static void
put_in_row (FuguePanes *self,
            FuguePane   pane,
            GtkWidget  *child)
{
  if (pane == FUGUE_PANE_START)
    gtk_paned_set_start_child (self->outer, child);
  else
    gtk_paned_set_end_child (self->inner, child);
}

static void
place (FuguePanes *self,
       FuguePane   pane)
{
  Pane *p = &self->panes[pane];

  if (pane == FUGUE_PANE_START)
    gtk_paned_set_position (self->outer, p->width);
  else if (gtk_widget_get_width (GTK_WIDGET (self->inner)) > 0)
    gtk_paned_set_position (self->inner, gtk_widget_get_width (GTK_WIDGET (self->inner)) - p->width);
}

static void
remember_width (FuguePanes *self,
                FuguePane   pane)
{
  Pane *p = &self->panes[pane];

  if (!p->is_overlaid && p->is_shown && gtk_widget_get_width (p->child) > 0)
    p->width = gtk_widget_get_width (p->child);
}

static void
set_overlaid (FuguePanes *self,
              FuguePane   pane,
              gboolean    overlaid)
{
  Pane *p = &self->panes[pane];

  if (overlaid == p->is_overlaid)
    return;

  if (overlaid)
    {
      remember_width (self, pane);
      put_in_row (self, pane, NULL);
      gtk_widget_set_visible (p->child, TRUE);
      gtk_revealer_set_child (p->revealer, p->child);
      gtk_revealer_set_reveal_child (p->revealer, FALSE);
    }
  else
    {
      gtk_revealer_set_child (p->revealer, NULL);
      gtk_widget_set_visible (p->child, p->is_shown);
      put_in_row (self, pane, p->child);
      place (self, pane);
    }
  p->is_overlaid = overlaid;
  gtk_widget_set_visible (GTK_WIDGET (p->revealer), overlaid);
  if (overlaid)
    gtk_widget_add_css_class (p->child, "fugue-overlaid");
  else
    gtk_widget_remove_css_class (p->child, "fugue-overlaid");
}

static int
get_minimum (GtkWidget *child)
{
  int minimum;

  gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
  return minimum;
}

/* Whether @pane should lie over the middle. The one at the start gives way first, so it also needs room for the other. */
static gboolean
is_narrow (FuguePanes *self,
           FuguePane   pane,
           int         width)
{
  int needed = get_minimum (gtk_paned_get_start_child (self->inner)) + get_minimum (self->panes[pane].child) + HANDLES;

  if (pane == FUGUE_PANE_START)
    needed += get_minimum (self->panes[FUGUE_PANE_END].child);
  return width < MAX (NARROW[pane], needed);
}

static gboolean
arrange_cb (gpointer user_data)
{
  FuguePanes *self = user_data;
  int width = gtk_widget_get_width (GTK_WIDGET (self));

  self->arrange = 0;
  for (guint i = 0; i < G_N_ELEMENTS (self->panes); i++)
    {
      set_overlaid (self, i, is_narrow (self, i, width));
      if (!self->is_placed && !self->panes[i].is_overlaid)
        place (self, i);
    }
  self->is_placed = TRUE;
  g_signal_emit (self, signals[CHANGED], 0);
  return G_SOURCE_REMOVE;
}

static void
fugue_panes_measure (GtkWidget      *widget,
                     GtkOrientation  orientation,
                     int             for_size,
                     int            *minimum,
                     int            *natural,
                     int            *minimum_baseline,
                     int            *natural_baseline)
{
  FuguePanes *self = FUGUE_PANES (widget);

  gtk_widget_measure (self->overlay, orientation, -1, minimum, natural, NULL, NULL);

  /* Panes leave the row before they make the window wider than a person wants it. */
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    gtk_widget_measure (gtk_paned_get_start_child (self->inner), orientation, -1, minimum, NULL, NULL, NULL);
}

static void
fugue_panes_size_allocate (GtkWidget *widget,
                           int        width,
                           int        height,
                           int        baseline)
{
  FuguePanes *self = FUGUE_PANES (widget);
  gboolean changes = !self->is_placed;
  int minimum;

  gtk_widget_measure (self->overlay, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
  gtk_widget_allocate (self->overlay, MAX (width, minimum), height, baseline, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (self->panes); i++)
    changes |= is_narrow (self, i, width) != self->panes[i].is_overlaid;
  if (changes && self->arrange == 0)
    self->arrange = g_idle_add_full (G_PRIORITY_HIGH_IDLE, arrange_cb, self, NULL);
}

static void
fugue_panes_dispose (GObject *object)
{
  FuguePanes *self = FUGUE_PANES (object);

  g_clear_handle_id (&self->arrange, g_source_remove);
  g_clear_pointer (&self->overlay, gtk_widget_unparent);
  for (guint i = 0; i < G_N_ELEMENTS (self->panes); i++)
    g_clear_object (&self->panes[i].child);
  G_OBJECT_CLASS (fugue_panes_parent_class)->dispose (object);
}

static void
fugue_panes_class_init (FuguePanesClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = fugue_panes_dispose;
  widget_class->measure = fugue_panes_measure;
  widget_class->size_allocate = fugue_panes_size_allocate;

  signals[CHANGED] = g_signal_new ("changed", FUGUE_TYPE_PANES, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                   G_TYPE_NONE, 0);
}

static void
fugue_panes_init (FuguePanes *self)
{
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  self->overlay = gtk_overlay_new ();
  gtk_widget_set_parent (self->overlay, GTK_WIDGET (self));
  self->outer = GTK_PANED (gtk_paned_new (GTK_ORIENTATION_HORIZONTAL));
  self->inner = GTK_PANED (gtk_paned_new (GTK_ORIENTATION_HORIZONTAL));
  gtk_overlay_set_child (GTK_OVERLAY (self->overlay), GTK_WIDGET (self->outer));
  gtk_paned_set_end_child (self->outer, GTK_WIDGET (self->inner));
  gtk_paned_set_shrink_start_child (self->outer, FALSE);
  gtk_paned_set_resize_start_child (self->outer, FALSE);
  gtk_paned_set_shrink_end_child (self->outer, FALSE);
  gtk_paned_set_shrink_start_child (self->inner, FALSE);
  gtk_paned_set_shrink_end_child (self->inner, FALSE);
  gtk_paned_set_resize_end_child (self->inner, FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (self->panes); i++)
    {
      GtkRevealer *revealer = GTK_REVEALER (gtk_revealer_new ());

      gtk_revealer_set_transition_type (revealer, i == FUGUE_PANE_START ? GTK_REVEALER_TRANSITION_TYPE_SLIDE_RIGHT
                                                                        : GTK_REVEALER_TRANSITION_TYPE_SLIDE_LEFT);
      gtk_widget_set_halign (GTK_WIDGET (revealer), i == FUGUE_PANE_START ? GTK_ALIGN_START : GTK_ALIGN_END);
      gtk_widget_set_visible (GTK_WIDGET (revealer), FALSE);
      gtk_overlay_add_overlay (GTK_OVERLAY (self->overlay), GTK_WIDGET (revealer));
      self->panes[i].revealer = revealer;
      self->panes[i].is_shown = TRUE;
    }
}

GtkWidget *
fugue_panes_new (GtkWidget *start,
                 GtkWidget *centre,
                 GtkWidget *end)
{
  FuguePanes *self = g_object_new (FUGUE_TYPE_PANES, NULL);

  self->panes[FUGUE_PANE_START].child = g_object_ref_sink (start);
  self->panes[FUGUE_PANE_END].child = g_object_ref_sink (end);
  gtk_paned_set_start_child (self->outer, start);
  gtk_paned_set_start_child (self->inner, centre);
  gtk_paned_set_end_child (self->inner, end);
  return GTK_WIDGET (self);
}

void
fugue_panes_set_shown (FuguePanes *self,
                       FuguePane   pane,
                       gboolean    shown)
{
  Pane *p;

  g_return_if_fail (FUGUE_IS_PANES (self));

  if (fugue_panes_get_shown (self, pane) == shown)
    return;

  p = &self->panes[pane];
  if (p->is_overlaid)
    {
      gtk_revealer_set_reveal_child (p->revealer, shown);
    }
  else
    {
      remember_width (self, pane);
      p->is_shown = shown;
      gtk_widget_set_visible (p->child, shown);
    }
  g_signal_emit (self, signals[CHANGED], 0);
}

gboolean
fugue_panes_get_shown (FuguePanes *self,
                       FuguePane   pane)
{
  Pane *p;

  g_return_val_if_fail (FUGUE_IS_PANES (self), FALSE);

  p = &self->panes[pane];
  return p->is_overlaid ? gtk_revealer_get_reveal_child (p->revealer) : p->is_shown;
}

gboolean
fugue_panes_hide_overlaid (FuguePanes *self)
{
  gboolean found = FALSE;

  g_return_val_if_fail (FUGUE_IS_PANES (self), FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (self->panes); i++)
    if (self->panes[i].is_overlaid && fugue_panes_get_shown (self, i))
      {
        fugue_panes_set_shown (self, i, FALSE);
        found = TRUE;
      }
  return found;
}

void
fugue_panes_set_width (FuguePanes *self,
                       FuguePane   pane,
                       int         width)
{
  g_return_if_fail (FUGUE_IS_PANES (self));

  self->panes[pane].width = width;
  if (!self->panes[pane].is_overlaid)
    place (self, pane);
}

int
fugue_panes_get_width (FuguePanes *self,
                       FuguePane   pane)
{
  g_return_val_if_fail (FUGUE_IS_PANES (self), 0);

  remember_width (self, pane);
  return self->panes[pane].width;
}
