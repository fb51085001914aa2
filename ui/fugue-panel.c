/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "fugue-panel.h"

#include <glib/gi18n.h>

/* Pixels between rows, and around them. */
#define SPACING 10
#define MARGIN  12

typedef struct
{
  void   (*func) (FuguePanel *self, gpointer data);
  gpointer data;
} Watch;

struct _FuguePanel
{
  GtkWidget      parent_instance;

  GtkBox        *outer;                 /* child */
  GtkBox        *box;                   /* borrowed: where the next row goes */
  GPtrArray     *sliders;               /* borrowed widgets */
  GPtrArray     *captions;              /* likewise */

  FugueControls *controls;              /* owned */
  GArray        *watches;
  gboolean       updating;
};

G_DEFINE_FINAL_TYPE (FuguePanel, fugue_panel, GTK_TYPE_WIDGET)

FugueControls *
fugue_panel_get_controls (FuguePanel *self)
{
  g_return_val_if_fail (FUGUE_IS_PANEL (self), NULL);
  return self->controls;
}

void
fugue_panel_add_widget (FuguePanel *self, GtkWidget *widget)
{
  g_return_if_fail (FUGUE_IS_PANEL (self));
  gtk_box_append (self->box, widget);
}

FugueSliderRow *
fugue_panel_add_slider (FuguePanel *self, const FugueSliderSpec *spec)
{
  GtkWidget *row = fugue_slider_row_new (spec);

  fugue_slider_row_bind (FUGUE_SLIDER_ROW (row), G_OBJECT (self->controls));
  fugue_slider_row_set_default (FUGUE_SLIDER_ROW (row), fugue_controls_get_default (self->controls, spec->property));
  g_ptr_array_add (self->sliders, row);
  fugue_panel_add_widget (self, row);
  return FUGUE_SLIDER_ROW (row);
}

GtkWidget *
fugue_panel_add_choice (FuguePanel *self, const FugueChoiceSpec *spec)
{
  GtkWidget *row = fugue_choice_row_new (spec, G_OBJECT (self->controls));

  fugue_panel_add_widget (self, row);
  return row;
}

GtkWidget *
fugue_panel_add_switch (FuguePanel *self, const char *property, const char *title, const char *help)
{
  GtkWidget *button = gtk_check_button_new_with_label (title);

  gtk_widget_set_tooltip_text (button, help);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, title,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, help, -1);
  g_object_bind_property (self->controls, property, button, "active", G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
  fugue_panel_add_widget (self, button);
  return button;
}

FugueCaptionEntry *
fugue_panel_add_caption (FuguePanel *self, const char *property, const char *title, const char *help)
{
  GtkWidget *caption = fugue_caption_entry_new (title, help);

  g_object_bind_property (self->controls, property, caption, "text", G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
  g_ptr_array_add (self->captions, caption);
  fugue_panel_add_widget (self, caption);
  return FUGUE_CAPTION_ENTRY (caption);
}

GtkWidget *
fugue_panel_add_note (FuguePanel *self, const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  /* Without a limit a wrapping label asks for its whole text as its natural width. */
  gtk_label_set_max_width_chars (GTK_LABEL (label), 24);
  fugue_panel_add_widget (self, label);
  return label;
}

void
fugue_panel_begin_more (FuguePanel *self, const char *title)
{
  GtkWidget *expander = gtk_expander_new (title);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, SPACING);

  gtk_widget_set_margin_top (box, SPACING);
  gtk_expander_set_child (GTK_EXPANDER (expander), box);
  gtk_accessible_update_property (GTK_ACCESSIBLE (expander), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  fugue_panel_add_widget (self, expander);
  self->box = GTK_BOX (box);
}

void
fugue_panel_end_more (FuguePanel *self)
{
  self->box = self->outer;
}

void
fugue_panel_set_pool (FuguePanel *self, FugueEnginePool *pool)
{
  g_return_if_fail (FUGUE_IS_PANEL (self));

  for (guint i = 0; i < self->captions->len; i++)
    fugue_caption_entry_set_pool (g_ptr_array_index (self->captions, i), pool);
}

void
fugue_panel_watch (FuguePanel *self, void (*func) (FuguePanel *self, gpointer data), gpointer data)
{
  Watch watch = { func, data };

  g_return_if_fail (FUGUE_IS_PANEL (self));
  g_array_append_val (self->watches, watch);
  func (self, data);
}

/* Defaults are the model's, and change with it and with locks. */
static void
controls_changed_cb (FuguePanel *self)
{
  if (self->updating)
    return;
  self->updating = TRUE;
  for (guint i = 0; i < self->sliders->len; i++)
    {
      FugueSliderRow *row = g_ptr_array_index (self->sliders, i);

      fugue_slider_row_set_default (row, fugue_controls_get_default (self->controls,
                                                                     fugue_slider_row_get_spec (row)->property));
    }
  for (guint i = 0; i < self->watches->len; i++)
    {
      Watch *watch = &g_array_index (self->watches, Watch, i);

      watch->func (self, watch->data);
    }
  self->updating = FALSE;
}

static void
fugue_panel_dispose (GObject *object)
{
  FuguePanel *self = FUGUE_PANEL (object);

  if (self->controls)
    g_signal_handlers_disconnect_by_data (self->controls, self);
  if (self->outer)
    gtk_widget_unparent (GTK_WIDGET (self->outer));
  self->outer = NULL;
  g_clear_object (&self->controls);
  G_OBJECT_CLASS (fugue_panel_parent_class)->dispose (object);
}

static void
fugue_panel_finalize (GObject *object)
{
  FuguePanel *self = FUGUE_PANEL (object);

  g_ptr_array_unref (self->sliders);
  g_ptr_array_unref (self->captions);
  g_array_unref (self->watches);
  G_OBJECT_CLASS (fugue_panel_parent_class)->finalize (object);
}

static void
fugue_panel_class_init (FuguePanelClass *klass)
{
  GObjectClass   *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = fugue_panel_dispose;
  object_class->finalize = fugue_panel_finalize;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "modepanel");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
fugue_panel_init (FuguePanel *self)
{
  self->sliders = g_ptr_array_new ();
  self->captions = g_ptr_array_new ();
  self->watches = g_array_new (FALSE, FALSE, sizeof (Watch));

  self->outer = self->box = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, SPACING));
  gtk_widget_set_margin_start (GTK_WIDGET (self->outer), MARGIN);
  gtk_widget_set_margin_end (GTK_WIDGET (self->outer), MARGIN);
  gtk_widget_set_margin_top (GTK_WIDGET (self->outer), MARGIN);
  gtk_widget_set_margin_bottom (GTK_WIDGET (self->outer), MARGIN);
  gtk_widget_set_parent (GTK_WIDGET (self->outer), GTK_WIDGET (self));
  /* Rows fill the panel; the panel does not fill the window. */
  gtk_widget_set_hexpand (GTK_WIDGET (self), FALSE);
}

FuguePanel *
fugue_panel_new (FugueControls *controls, const char *name)
{
  FuguePanel *self;

  g_return_val_if_fail (FUGUE_IS_CONTROLS (controls), NULL);

  self = g_object_new (FUGUE_TYPE_PANEL, NULL);
  self->controls = g_object_ref (controls);
  g_signal_connect_swapped (controls, "notify", G_CALLBACK (controls_changed_cb), self);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  return self;
}
