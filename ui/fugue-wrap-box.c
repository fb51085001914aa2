/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "fugue-wrap-box.h"

/* Pixels between children, and between rows. */
#define SPACING 6

struct _FugueWrapBox
{
  GtkWidget parent_instance;
};

G_DEFINE_FINAL_TYPE (FugueWrapBox, fugue_wrap_box, GTK_TYPE_WIDGET)

/**
 * Row:
 * @end: the child behind the last one; %NULL at the end of all
 * @width: of all its children and what is between them, as they would like it
 */
typedef struct
{
  GtkWidget *first;
  GtkWidget *end;
  int        width;
  int        height;
  guint      n_expanding;
} Row;

static GtkWidget *
skip_hidden (GtkWidget *child)
{
  while (child != NULL && !gtk_widget_should_layout (child))
    child = gtk_widget_get_next_sibling (child);
  return child;
}

static GtkWidget *
get_next (GtkWidget *child)
{
  return skip_hidden (gtk_widget_get_next_sibling (child));
}

static int
get_natural (GtkWidget      *child,
             GtkOrientation  orientation,
             int             for_size)
{
  int natural;

  gtk_widget_measure (child, orientation, for_size, NULL, &natural, NULL, NULL);
  return natural;
}

/* As many children from @first on as there is room for in @width, and one at least. */
static void
fill_row (Row       *row,
          GtkWidget *first,
          int        width)
{
  *row = (Row) { .first = first, .end = first, .width = -SPACING };
  while (row->end != NULL)
    {
      int natural = get_natural (row->end, GTK_ORIENTATION_HORIZONTAL, -1);
      int taken = row->width + SPACING + natural;

      if (row->end != first && taken > width)
        break;
      row->width = taken;
      row->height = MAX (row->height, get_natural (row->end, GTK_ORIENTATION_VERTICAL, MIN (natural, width)));
      row->n_expanding += gtk_widget_compute_expand (row->end, GTK_ORIENTATION_HORIZONTAL);
      row->end = get_next (row->end);
    }
}

static GtkSizeRequestMode
fugue_wrap_box_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
fugue_wrap_box_measure (GtkWidget      *widget,
                        GtkOrientation  orientation,
                        int             for_size,
                        int            *minimum,
                        int            *natural,
                        int            *minimum_baseline,
                        int            *natural_baseline)
{
  GtkWidget *first = skip_hidden (gtk_widget_get_first_child (widget));
  Row row = { .end = first };

  *minimum = *natural = 0;
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      for (GtkWidget *child = first; child != NULL; child = get_next (child))
        {
          int child_minimum;

          gtk_widget_measure (child, orientation, -1, &child_minimum, NULL, NULL, NULL);
          *minimum = MAX (*minimum, child_minimum);
        }
      fill_row (&row, first, G_MAXINT);
      *natural = MAX (row.width, *minimum);
      return;
    }

  while (row.end != NULL)
    {
      fill_row (&row, row.end, for_size >= 0 ? for_size : G_MAXINT);
      *natural += row.height + (row.end != NULL ? SPACING : 0);
    }
  *minimum = *natural;
}

static void
allocate_row (FugueWrapBox *self,
              const Row    *row,
              int           width,
              int           top)
{
  gboolean is_mirrored = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
  int rest = MAX (width - row->width, 0);
  int left = 0;

  for (GtkWidget *child = row->first; child != row->end; child = get_next (child))
    {
      int child_width = MIN (get_natural (child, GTK_ORIENTATION_HORIZONTAL, -1), width);
      GtkAllocation place;

      if (gtk_widget_compute_expand (child, GTK_ORIENTATION_HORIZONTAL))
        child_width += rest / (int) row->n_expanding;
      place = (GtkAllocation) { is_mirrored ? width - left - child_width : left, top, child_width, row->height };
      gtk_widget_size_allocate (child, &place, -1);
      left += child_width + SPACING;
    }
}

static void
fugue_wrap_box_size_allocate (GtkWidget *widget,
                              int        width,
                              int        height,
                              int        baseline)
{
  Row row = { .end = skip_hidden (gtk_widget_get_first_child (widget)) };

  for (int top = 0; row.end != NULL; top += row.height + SPACING)
    {
      fill_row (&row, row.end, width);
      allocate_row (FUGUE_WRAP_BOX (widget), &row, width, top);
    }
}

static void
fugue_wrap_box_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (fugue_wrap_box_parent_class)->dispose (object);
}

static void
fugue_wrap_box_class_init (FugueWrapBoxClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = fugue_wrap_box_dispose;
  widget_class->get_request_mode = fugue_wrap_box_get_request_mode;
  widget_class->measure = fugue_wrap_box_measure;
  widget_class->size_allocate = fugue_wrap_box_size_allocate;
  gtk_widget_class_set_css_name (widget_class, "wrapbox");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
fugue_wrap_box_init (FugueWrapBox *self)
{
}

GtkWidget *
fugue_wrap_box_new (void)
{
  return g_object_new (FUGUE_TYPE_WRAP_BOX, NULL);
}
