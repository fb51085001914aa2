/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "fugue-choice-row.h"

#include <glib/gi18n.h>

struct _FugueChoiceRow
{
  GtkWidget              parent_instance;

  const FugueChoiceSpec *spec;

  /* children */
  GtkWidget             *label;
  GtkWidget             *list;
};

G_DEFINE_FINAL_TYPE (FugueChoiceRow, fugue_choice_row, GTK_TYPE_WIDGET)

static gboolean
selected_from_value (GBinding *binding, const GValue *value, GValue *selected, gpointer data)
{
  g_value_set_uint (selected, (guint) g_value_get_enum (value));
  return TRUE;
}

static gboolean
value_from_selected (GBinding *binding, const GValue *selected, GValue *value, gpointer data)
{
  if (g_value_get_uint (selected) == GTK_INVALID_LIST_POSITION)
    return FALSE;
  g_value_set_enum (value, (int) g_value_get_uint (selected));
  return TRUE;
}

static GtkWidget *
list_new (const FugueChoiceSpec *spec)
{
  GtkStringList *names = gtk_string_list_new (NULL);

  for (guint i = 0; spec->names[i]; i++)
    gtk_string_list_append (names, _(spec->names[i]));
  return gtk_drop_down_new (G_LIST_MODEL (names), NULL);
}

GtkWidget *
fugue_choice_row_new (const FugueChoiceSpec *spec, GObject *object)
{
  FugueChoiceRow *self;

  g_return_val_if_fail (spec != NULL && G_IS_OBJECT (object), NULL);

  self = g_object_new (FUGUE_TYPE_CHOICE_ROW, NULL);
  self->spec = spec;
  self->label = gtk_label_new (_(spec->title));
  gtk_label_set_xalign (GTK_LABEL (self->label), 0);
  gtk_label_set_wrap (GTK_LABEL (self->label), TRUE);
  gtk_widget_set_hexpand (self->label, TRUE);
  gtk_widget_set_parent (self->label, GTK_WIDGET (self));

  self->list = list_new (spec);
  gtk_widget_set_tooltip_text (self->list, _(spec->help));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, _(spec->title),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, _(spec->help), -1);
  gtk_widget_set_parent (self->list, GTK_WIDGET (self));
  g_object_bind_property_full (object, spec->property, self->list, "selected",
                               G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE, selected_from_value, value_from_selected,
                               NULL, NULL);
  return GTK_WIDGET (self);
}

GtkWidget *
fugue_choice_row_get_list (FugueChoiceRow *self)
{
  g_return_val_if_fail (FUGUE_IS_CHOICE_ROW (self), NULL);
  return self->list;
}

static void
fugue_choice_row_dispose (GObject *object)
{
  FugueChoiceRow *self = FUGUE_CHOICE_ROW (object);

  g_clear_pointer (&self->label, gtk_widget_unparent);
  g_clear_pointer (&self->list, gtk_widget_unparent);
  G_OBJECT_CLASS (fugue_choice_row_parent_class)->dispose (object);
}

static void
fugue_choice_row_class_init (FugueChoiceRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = fugue_choice_row_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "choicerow");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
fugue_choice_row_init (FugueChoiceRow *self)
{
  gtk_box_layout_set_spacing (GTK_BOX_LAYOUT (gtk_widget_get_layout_manager (GTK_WIDGET (self))), 6);
}
