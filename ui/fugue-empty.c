/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "fugue-empty.h"

#include <glib/gi18n.h>

/* Pixels a side */
#define SAMPLE_SIZE 96

struct _FugueEmpty
{
  GtkWidget  parent_instance;

  /* Template children */
  GtkWidget *box;
  GtkBox    *samples;
};

G_DEFINE_FINAL_TYPE (FugueEmpty, fugue_empty, GTK_TYPE_WIDGET)

char *
fugue_dup_sample_path (const char *name)
{
  const char *const bases[] = { FUGUE_DATADIR, FUGUE_SOURCE_DATADIR };

  for (guint i = 0; i < G_N_ELEMENTS (bases); i++)
    {
      g_autofree char *path = g_build_filename (bases[i], "samples", name, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
        return g_steal_pointer (&path);
    }
  return NULL;
}

static void
add_sample (FugueEmpty *self,
            const char *file,
            const char *title)
{
  g_autofree char *path = fugue_dup_sample_path (file);
  g_autofree char *words = NULL;
  GtkWidget *button, *box, *picture;

  if (path == NULL)
    return;

  button = gtk_button_new ();
  box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  picture = gtk_picture_new_for_filename (path);
  gtk_picture_set_can_shrink (GTK_PICTURE (picture), TRUE);
  gtk_widget_set_size_request (picture, SAMPLE_SIZE, SAMPLE_SIZE);
  gtk_box_append (GTK_BOX (box), picture);
  gtk_box_append (GTK_BOX (box), gtk_label_new (title));
  gtk_button_set_child (GTK_BUTTON (button), box);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "win.open-sample");
  gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "s", path);
  words = g_strdup_printf (_("Sample: %s"), title);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
  gtk_box_append (self->samples, button);
}

static void
fugue_empty_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), FUGUE_TYPE_EMPTY);
  G_OBJECT_CLASS (fugue_empty_parent_class)->dispose (object);
}

static void
fugue_empty_class_init (FugueEmptyClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = fugue_empty_dispose;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/fugue/Fugue/ui/fugue-empty.ui");
  gtk_widget_class_bind_template_child (widget_class, FugueEmpty, box);
  gtk_widget_class_bind_template_child (widget_class, FugueEmpty, samples);
}

static void
fugue_empty_init (FugueEmpty *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  add_sample (self, "star.png", _("Star"));
  add_sample (self, "apple.png", _("Apple"));
  add_sample (self, "fish.png", _("Fish"));
}

GtkWidget *
fugue_empty_new (void)
{
  return g_object_new (FUGUE_TYPE_EMPTY, NULL);
}
