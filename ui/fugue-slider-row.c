/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The slider, the entry and the property hold the same number three times, in two units:
 *
 *     property  --×factor-->  shown (entry)  --log10 if asked-->  position (adjustment)
 *
 * Changes flow from whichever was touched to the property and from its notify back to the other two; `updating` stops the
 * circle. A property that rounds or clamps what it gets therefore has the last word.
 */

#include "config.h"

#include "fugue-slider-row.h"

#include <glib/gi18n.h>
#include <math.h>

/* Room for "1e-06" and "frames". */
#define NUMBER_CHARS 6
#define UNIT_CHARS   6

/* Keeps a sign before its number, also among words that run from right to left. */
#define LEFT_TO_RIGHT "\342\200\216"

struct _FugueSliderRow
{
  GtkWidget              parent_instance;

  const FugueSliderSpec *spec;

  /* children */
  GtkWidget             *label;
  GtkWidget             *entry;
  GtkWidget             *unit;
  GtkWidget             *help;
  GtkWidget             *scale;
  GtkAdjustment         *adjustment;    /* borrowed from scale */

  /* owned */
  GObject               *object;        /* nullable */
  gulong                 notify_id;

  double                 minimum;       /* property's unit, as is the rest */
  double                 maximum;
  double                 default_value;
  double                 other_factor;  /* 0: there is no other unit */
  const char            *other_unit;
  gboolean               updating;
};

G_DEFINE_FINAL_TYPE (FugueSliderRow, fugue_slider_row, GTK_TYPE_WIDGET)

/* Reading a GParamSpec of any number type as doubles; FALSE for others. */
static gboolean
read_pspec (GParamSpec *pspec, double *minimum, double *maximum, double *default_value)
{
  const GValue *value = g_param_spec_get_default_value (pspec);
  GValue        number = G_VALUE_INIT;

#define READ(TYPE, Spec) \
  if (G_IS_PARAM_SPEC_##TYPE (pspec)) \
    { \
      *minimum = (double) ((Spec *) pspec)->minimum; \
      *maximum = (double) ((Spec *) pspec)->maximum; \
    } \
  else
  READ (INT, GParamSpecInt)
  READ (UINT, GParamSpecUInt)
  READ (INT64, GParamSpecInt64)
  READ (UINT64, GParamSpecUInt64)
  READ (FLOAT, GParamSpecFloat)
  READ (DOUBLE, GParamSpecDouble)
    return FALSE;
#undef READ

  g_value_init (&number, G_TYPE_DOUBLE);
  g_value_transform (value, &number);
  *default_value = g_value_get_double (&number);
  g_value_unset (&number);
  return TRUE;
}

static double
get_factor (FugueSliderRow *self)
{
  return self->spec->factor != 0 ? self->spec->factor : 1;
}

static double
position_from_value (FugueSliderRow *self, double value)
{
  double shown = value * get_factor (self);

  return self->spec->logarithmic ? log10 (shown) : shown;
}

static double
value_from_position (FugueSliderRow *self, double position)
{
  double shown = self->spec->logarithmic ? pow (10, position) : position;
  double digits = pow (10, self->spec->n_digits);

  /* What is shown is what goes into the recipe: no hidden decimals. */
  if (self->spec->logarithmic)
    digits = pow (10, 1 - floor (position));
  return round (shown * digits) / digits / get_factor (self);
}

static double
get_value (FugueSliderRow *self)
{
  double value = 0;

  if (self->object)
    {
      GValue number = G_VALUE_INIT;

      g_value_init (&number, G_TYPE_DOUBLE);
      g_object_get_property (self->object, self->spec->property, &number);
      value = g_value_get_double (&number);
      g_value_unset (&number);
    }
  return value;
}

static void
set_value (FugueSliderRow *self, double value)
{
  GValue number = G_VALUE_INIT;

  if (!self->object)
    return;
  value = CLAMP (value, self->minimum, self->maximum);
  g_value_init (&number, G_TYPE_DOUBLE);
  g_value_set_double (&number, value);
  g_object_set_property (self->object, self->spec->property, &number);
  g_value_unset (&number);
}

static char *
dup_number (FugueSliderRow *self, double value)
{
  double shown = value * get_factor (self);

  if (self->spec->logarithmic)
    return g_strdup_printf ("%g", shown);
  /* Minus zero reads badly. */
  if (fabs (shown) * pow (10, self->spec->n_digits) < 0.5)
    shown = 0;
  return g_strdup_printf ("%.*f", (int) self->spec->n_digits, shown);
}

/* NULL without another unit. */
static char *
dup_other_text (FugueSliderRow *self)
{
  double value = get_value (self) * self->other_factor;

  if (self->other_factor == 0)
    return NULL;
  return g_strdup_printf ("%.1f%s", fabs (value) < 0.05 ? 0 : value, _(self->other_unit));
}

char *
fugue_slider_row_dup_value_text (FugueSliderRow *self)
{
  g_autofree char *number = NULL;
  g_autofree char *other = NULL;

  g_return_val_if_fail (FUGUE_IS_SLIDER_ROW (self), NULL);

  number = dup_number (self, get_value (self));
  other = dup_other_text (self);
  /* Translators: the same value in two units, such as "0.25, 22.4°" */
  if (other)
    return g_strdup_printf (C_("number in two units", "%s, %s"), number, other);
  if (!self->spec->unit)
    return g_steal_pointer (&number);
  /* Translators: a number and its unit, such as "35 %" */
  return g_strdup_printf (C_("number with unit", "%s %s"), number, _(self->spec->unit));
}

/* The property changed: show it. */
static void
update (FugueSliderRow *self)
{
  double           value = get_value (self);
  g_autofree char *number = dup_number (self, value);
  g_autofree char *text = fugue_slider_row_dup_value_text (self);
  g_autofree char *other = dup_other_text (self);

  self->updating = TRUE;
  gtk_adjustment_set_value (self->adjustment, position_from_value (self, value));
  gtk_editable_set_text (GTK_EDITABLE (self->entry), number);
  gtk_widget_remove_css_class (self->entry, "error");
  self->updating = FALSE;

  if (!self->spec->unit)
    {
      g_autofree char *shown = g_strconcat (LEFT_TO_RIGHT, other, NULL);

      gtk_label_set_text (GTK_LABEL (self->unit), shown);
    }
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->scale), GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, text, -1);
}

static void
adjustment_changed_cb (FugueSliderRow *self)
{
  if (!self->updating)
    set_value (self, value_from_position (self, gtk_adjustment_get_value (self->adjustment)));
}

/* A typed number in the person's locale or with a point; a unit behind it does no harm. FALSE if it is none. */
static gboolean
parse_number (FugueSliderRow *self, double *value)
{
  g_autofree char *text = g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->entry)));
  const char      *rest;
  char            *end;

  g_strdelimit (text, ",", '.');
  g_strstrip (text);
  /* A real minus sign is what a typographer pastes. */
  if (g_str_has_prefix (text, "−"))
    {
      *value = -g_ascii_strtod (text + strlen ("−"), &end);
      rest = text + strlen ("−");
    }
  else
    {
      *value = g_ascii_strtod (text, &end);
      rest = text;
    }
  if (end == rest || !isfinite (*value))
    return FALSE;
  g_strstrip (end);
  return *end == '\0' || (self->spec->unit && g_str_equal (end, _(self->spec->unit)));
}

static void
commit_entry (FugueSliderRow *self)
{
  double shown;

  if (!self->object)
    return;
  if (parse_number (self, &shown))
    {
      set_value (self, shown / get_factor (self));
      update (self);
    }
  else
    {
      gtk_widget_add_css_class (self->entry, "error");
      gtk_accessible_update_state (GTK_ACCESSIBLE (self->entry), GTK_ACCESSIBLE_STATE_INVALID,
                                   GTK_ACCESSIBLE_INVALID_TRUE, -1);
    }
}

static void
entry_activate_cb (FugueSliderRow *self)
{
  commit_entry (self);
  gtk_editable_select_region (GTK_EDITABLE (self->entry), 0, -1);
}

/* What was typed is taken on leaving too; what is no number gives way to the value. */
static void
entry_leave_cb (FugueSliderRow *self)
{
  double           shown;
  g_autofree char *number = NULL;

  if (!self->object)
    return;
  number = dup_number (self, get_value (self));
  /* Untouched text may be rounded: it must not come back as a new value. */
  if (!g_str_equal (number, gtk_editable_get_text (GTK_EDITABLE (self->entry))) && parse_number (self, &shown))
    set_value (self, shown / get_factor (self));
  gtk_accessible_reset_state (GTK_ACCESSIBLE (self->entry), GTK_ACCESSIBLE_STATE_INVALID);
  update (self);
}

static gboolean
entry_key_cb (FugueSliderRow *self, guint keyval, guint keycode, GdkModifierType state)
{
  if (keyval != GDK_KEY_Escape)
    return GDK_EVENT_PROPAGATE;
  update (self);
  gtk_widget_grab_focus (self->scale);
  return GDK_EVENT_STOP;
}

void
fugue_slider_row_reset (FugueSliderRow *self)
{
  g_return_if_fail (FUGUE_IS_SLIDER_ROW (self));
  set_value (self, self->default_value);
}

static gboolean
scale_reset_cb (GtkWidget *scale, GVariant *arguments, gpointer data)
{
  fugue_slider_row_reset (data);
  return TRUE;
}

static void
scale_pressed_cb (FugueSliderRow *self, int n_press, double x, double y, GtkGesture *gesture)
{
  GdkModifierType state = gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (gesture));

  if (!(state & GDK_CONTROL_MASK))
    {
      gtk_gesture_set_state (gesture, GTK_EVENT_SEQUENCE_DENIED);
      return;
    }
  gtk_gesture_set_state (gesture, GTK_EVENT_SEQUENCE_CLAIMED);
  gtk_widget_grab_focus (self->scale);
  fugue_slider_row_reset (self);
}

/* The wheel over a slider belongs to the panel that scrolls: nobody means to change what the pointer happens to cross. */
static void
leave_wheel_alone (GtkWidget *scale)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (scale);
  guint                  n = g_list_model_get_n_items (controllers);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (GTK_IS_EVENT_CONTROLLER_SCROLL (controller))
        gtk_event_controller_set_propagation_phase (controller, GTK_PHASE_NONE);
    }
}

static char *
dup_help (FugueSliderRow *self)
{
  g_autofree char *lowest = dup_number (self, self->minimum);
  g_autofree char *highest = dup_number (self, self->maximum);
  g_autofree char *usual = dup_number (self, self->default_value);
  const char      *unit = self->spec->unit ? _(self->spec->unit) : "";

  /* Translators: one sentence, then the range, its unit (may be empty) and the default */
  return g_strdup_printf (_("%s\nFrom %s to %s %s; usually %s."), _(self->spec->help), lowest, highest, unit, usual);
}

static void
update_help (FugueSliderRow *self)
{
  g_autofree char *text = dup_help (self);
  GtkPopover      *popover = gtk_menu_button_get_popover (GTK_MENU_BUTTON (self->help));

  gtk_label_set_label (GTK_LABEL (gtk_popover_get_child (popover)), text);
  gtk_widget_set_tooltip_text (self->scale, text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->scale), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
}

static void
update_range (FugueSliderRow *self)
{
  gtk_scale_clear_marks (GTK_SCALE (self->scale));
  self->updating = TRUE;
  gtk_adjustment_configure (self->adjustment, position_from_value (self, get_value (self)),
                            position_from_value (self, self->minimum), position_from_value (self, self->maximum),
                            self->spec->step, self->spec->page, 0);
  self->updating = FALSE;
  if (self->default_value >= self->minimum && self->default_value <= self->maximum)
    gtk_scale_add_mark (GTK_SCALE (self->scale), position_from_value (self, self->default_value), GTK_POS_BOTTOM, NULL);
  update_help (self);
  update (self);
}

void
fugue_slider_row_set_range (FugueSliderRow *self, double minimum, double maximum)
{
  g_return_if_fail (FUGUE_IS_SLIDER_ROW (self));
  g_return_if_fail (minimum < maximum);

  self->minimum = minimum;
  self->maximum = maximum;
  if (self->object)
    update_range (self);
}

void
fugue_slider_row_set_default (FugueSliderRow *self, double default_value)
{
  g_return_if_fail (FUGUE_IS_SLIDER_ROW (self));

  if (default_value == self->default_value)
    return;
  self->default_value = default_value;
  if (self->object)
    update_range (self);
}

void
fugue_slider_row_set_other_unit (FugueSliderRow *self, double factor, const char *unit)
{
  g_return_if_fail (FUGUE_IS_SLIDER_ROW (self));
  g_return_if_fail (self->spec->unit == NULL);
  g_return_if_fail (isfinite (factor) && unit != NULL);

  self->other_factor = factor;
  self->other_unit = unit;
  update (self);
}

static void
release_object (FugueSliderRow *self)
{
  if (self->object)
    g_clear_signal_handler (&self->notify_id, self->object);
  g_clear_object (&self->object);
}

void
fugue_slider_row_bind (FugueSliderRow *self, GObject *object)
{
  g_autofree char *detail = NULL;
  GParamSpec      *pspec;

  g_return_if_fail (FUGUE_IS_SLIDER_ROW (self));
  g_return_if_fail (object == NULL || G_IS_OBJECT (object));

  release_object (self);
  gtk_widget_set_sensitive (GTK_WIDGET (self), object != NULL);
  if (!object)
    return;

  pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (object), self->spec->property);
  g_return_if_fail (pspec != NULL);
  g_return_if_fail (read_pspec (pspec, &self->minimum, &self->maximum, &self->default_value));

  self->object = g_object_ref (object);
  detail = g_strconcat ("notify::", self->spec->property, NULL);
  self->notify_id = g_signal_connect_object (object, detail, G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update_range (self);
}

static char *
dup_plain_title (const FugueSliderSpec *spec)
{
  g_autofree char *title = g_strdup (_(spec->title));
  char            *underscore = strchr (title, '_');

  if (underscore)
    memmove (underscore, underscore + 1, strlen (underscore));
  return g_steal_pointer (&title);
}

static void
add_entry (FugueSliderRow *self, GtkBox *box, const char *title)
{
  GtkEventController *focus = gtk_event_controller_focus_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();

  self->entry = gtk_entry_new ();
  gtk_entry_set_alignment (GTK_ENTRY (self->entry), 1);
  gtk_editable_set_width_chars (GTK_EDITABLE (self->entry), NUMBER_CHARS);
  gtk_editable_set_max_width_chars (GTK_EDITABLE (self->entry), NUMBER_CHARS);
  gtk_widget_add_css_class (self->entry, "number");
  gtk_widget_set_valign (self->entry, GTK_ALIGN_CENTER);
  /* A number is written from left to right everywhere; its sign would go to its end. */
  gtk_widget_set_direction (self->entry, GTK_TEXT_DIR_LTR);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->entry), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  g_signal_connect_swapped (self->entry, "activate", G_CALLBACK (entry_activate_cb), self);
  g_signal_connect_swapped (focus, "leave", G_CALLBACK (entry_leave_cb), self);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (entry_key_cb), self);
  gtk_widget_add_controller (self->entry, focus);
  gtk_widget_add_controller (self->entry, keys);
  gtk_box_append (box, self->entry);

  /* Also where there is none, so that the numbers of all rows stand in one column. */
  self->unit = gtk_label_new (self->spec->unit ? _(self->spec->unit) : NULL);
  gtk_label_set_width_chars (GTK_LABEL (self->unit), UNIT_CHARS);
  gtk_label_set_xalign (GTK_LABEL (self->unit), 0);
  gtk_widget_add_css_class (self->unit, "dim-label");
  gtk_box_append (box, self->unit);
}

static void
add_help (FugueSliderRow *self, GtkBox *box, const char *title)
{
  GtkWidget       *popover = gtk_popover_new ();
  GtkWidget       *text = gtk_label_new (NULL);
  /* Translators: the name of a "?" button; %s is the control it explains */
  g_autofree char *name = g_strdup_printf (_("Help on %s"), title);

  gtk_label_set_wrap (GTK_LABEL (text), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (text), 40);
  gtk_label_set_xalign (GTK_LABEL (text), 0);
  gtk_popover_set_child (GTK_POPOVER (popover), text);

  self->help = gtk_menu_button_new ();
  gtk_menu_button_set_child (GTK_MENU_BUTTON (self->help), gtk_label_new ("?"));
  gtk_menu_button_set_has_frame (GTK_MENU_BUTTON (self->help), FALSE);
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (self->help), popover);
  gtk_widget_add_css_class (self->help, "help");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->help), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_box_append (box, self->help);
}

static void
add_scale (FugueSliderRow *self, const char *title)
{
  GtkEventController *shortcuts = gtk_shortcut_controller_new ();
  GtkGesture         *click = gtk_gesture_click_new ();

  self->adjustment = gtk_adjustment_new (0, 0, 1, self->spec->step, self->spec->page, 0);
  self->scale = gtk_scale_new (GTK_ORIENTATION_HORIZONTAL, self->adjustment);
  gtk_scale_set_draw_value (GTK_SCALE (self->scale), FALSE);
  gtk_scale_set_has_origin (GTK_SCALE (self->scale), !self->spec->bipolar);
  leave_wheel_alone (self->scale);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->scale), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  g_signal_connect_swapped (self->adjustment, "value-changed", G_CALLBACK (adjustment_changed_cb), self);

  gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (shortcuts),
                                        gtk_shortcut_new (gtk_keyval_trigger_new (GDK_KEY_BackSpace, 0),
                                                          gtk_callback_action_new (scale_reset_cb, self, NULL)));
  gtk_widget_add_controller (self->scale, shortcuts);

  gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (click), GTK_PHASE_CAPTURE);
  g_signal_connect_swapped (click, "pressed", G_CALLBACK (scale_pressed_cb), self);
  gtk_widget_add_controller (self->scale, GTK_EVENT_CONTROLLER (click));
  gtk_widget_set_parent (self->scale, GTK_WIDGET (self));
}

static void
build (FugueSliderRow *self)
{
  g_autofree char *title = dup_plain_title (self->spec);
  GtkWidget       *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  self->label = gtk_label_new_with_mnemonic (_(self->spec->title));
  gtk_label_set_xalign (GTK_LABEL (self->label), 0);
  gtk_label_set_wrap (GTK_LABEL (self->label), TRUE);
  gtk_widget_set_hexpand (self->label, TRUE);
  gtk_widget_set_parent (line, GTK_WIDGET (self));
  gtk_box_append (GTK_BOX (line), self->label);
  add_entry (self, GTK_BOX (line), title);
  add_help (self, GTK_BOX (line), title);
  add_scale (self, title);
  gtk_label_set_mnemonic_widget (GTK_LABEL (self->label), self->scale);
}

GtkWidget *
fugue_slider_row_new (const FugueSliderSpec *spec)
{
  FugueSliderRow *self;

  g_return_val_if_fail (spec != NULL && spec->property != NULL && spec->title != NULL && spec->help != NULL, NULL);

  self = g_object_new (FUGUE_TYPE_SLIDER_ROW, NULL);
  self->spec = spec;
  build (self);
  gtk_widget_set_sensitive (GTK_WIDGET (self), FALSE);
  return GTK_WIDGET (self);
}

GtkWidget *
fugue_slider_row_get_scale (FugueSliderRow *self)
{
  g_return_val_if_fail (FUGUE_IS_SLIDER_ROW (self), NULL);
  return self->scale;
}

GtkWidget *
fugue_slider_row_get_entry (FugueSliderRow *self)
{
  g_return_val_if_fail (FUGUE_IS_SLIDER_ROW (self), NULL);
  return self->entry;
}

const FugueSliderSpec *
fugue_slider_row_get_spec (FugueSliderRow *self)
{
  g_return_val_if_fail (FUGUE_IS_SLIDER_ROW (self), NULL);
  return self->spec;
}

static gboolean
fugue_slider_row_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (FUGUE_SLIDER_ROW (widget)->scale);
}

static void
fugue_slider_row_dispose (GObject *object)
{
  FugueSliderRow *self = FUGUE_SLIDER_ROW (object);
  GtkWidget      *child;

  release_object (self);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))))
    gtk_widget_unparent (child);

  G_OBJECT_CLASS (fugue_slider_row_parent_class)->dispose (object);
}

static void
fugue_slider_row_class_init (FugueSliderRowClass *klass)
{
  GObjectClass   *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = fugue_slider_row_dispose;
  widget_class->grab_focus = fugue_slider_row_grab_focus;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "sliderrow");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
fugue_slider_row_init (FugueSliderRow *self)
{
  GtkLayoutManager *layout = gtk_widget_get_layout_manager (GTK_WIDGET (self));

  gtk_orientable_set_orientation (GTK_ORIENTABLE (layout), GTK_ORIENTATION_VERTICAL);
}
