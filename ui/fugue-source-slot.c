/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "fugue-source-slot.h"

#include <glib/gi18n.h>

#include "fugue-convert.h"
#include "fugue-crop.h"
#include "fugue-shortcut-keys.h"
#include "fugue-thumb.h"

/* Pixels */
#define THUMB_SIZE 76

struct _FugueSourceSlot
{
  GtkWidget       parent_instance;

  /* Template children, and the picture before them */
  FugueThumb     *thumb;
  GtkWidget      *side;
  GtkLabel       *name_label;
  GtkLabel       *size_label;
  GtkWidget      *buttons;
  GtkToggleButton *lock_button;
  GtkToggleButton *mute_button;
  GtkWidget      *crop_button;
  GtkPopover     *crop_popover;
  FugueCrop      *crop;
  GtkButton      *centre_button;
  GtkButton      *remove_button;
  GtkWidget      *weight_button;
  GtkAdjustment  *weight_adjustment;

  /* Owned */
  FugueSession   *session;
  FugueControls  *controls;
  FugueIntake    *intake;
  FugueSource    *source;            /* (nullable) */
  GBinding       *lock_binding;      /* while there is a source */
  GBinding       *mute_binding;

  FugueSlot       slot;
  gboolean        shows_weight;
};

enum
{
  CHOSEN,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FugueSourceSlot, fugue_source_slot, GTK_TYPE_WIDGET)

const char *
fugue_slot_get_letter (FugueSlot slot)
{
  static const char *const LETTERS[FUGUE_N_SLOTS] = { "A", "B", "C", "D" };

  g_return_val_if_fail (slot < FUGUE_N_SLOTS, NULL);

  return LETTERS[slot];
}

static void
describe (FugueSourceSlot *self)
{
  g_autoptr (GString) text = g_string_new (NULL);

  g_string_printf (text, _("Slot %s"), fugue_slot_get_letter (self->slot));
  if (self->source == NULL)
    {
      g_string_append_printf (text, ", %s", _("empty"));
    }
  else
    {
      g_string_append_printf (text, ": %s", fugue_source_get_name (self->source));
      if (fugue_source_is_locked (self->source))
        g_string_append_printf (text, ", %s", _("locked"));
      if (fugue_source_is_muted (self->source))
        g_string_append_printf (text, ", %s", _("muted"));
    }
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, text->str, -1);
}

/* Whether it takes what is being dragged, from wherever it is dropped. */
static gboolean
is_hovered (FugueSourceSlot *self)
{
  FugueSlot hovered;

  g_object_get (self->intake, "hovered", &hovered, NULL);
  return hovered == self->slot;
}

/* The keys may change. */
static void
update_mute_tooltip (FugueSourceSlot *self)
{
  static const char *const ACTIONS[FUGUE_N_SLOTS] = { "win.mute::a", "win.mute::b", "win.mute::c", "win.mute::d" };
  g_autofree char *tooltip = fugue_shortcuts_dup_tooltip (ACTIONS[self->slot]);

  gtk_widget_set_tooltip_text (GTK_WIDGET (self->mute_button), tooltip);
}

static void
update (FugueSourceSlot *self)
{
  gboolean has_source = self->source != NULL;

  gtk_widget_set_visible (self->buttons, has_source);
  gtk_widget_set_visible (GTK_WIDGET (self->size_label), has_source);
  gtk_widget_set_visible (self->weight_button, has_source && self->shows_weight);
  if (has_source)
    {
      g_autofree char *size = g_strdup_printf ("%s · %u × %u", fugue_slot_get_letter (self->slot),
                                               fugue_source_get_width (self->source),
                                               fugue_source_get_height (self->source));

      gtk_label_set_text (self->name_label, fugue_source_get_name (self->source));
      gtk_widget_set_tooltip_text (GTK_WIDGET (self->name_label), fugue_source_get_name (self->source));
      gtk_label_set_text (self->size_label, size);
      gtk_button_set_icon_name (GTK_BUTTON (self->lock_button), fugue_source_is_locked (self->source)
                                  ? "changes-prevent-symbolic" : "changes-allow-symbolic");
      gtk_button_set_icon_name (GTK_BUTTON (self->mute_button), fugue_source_is_muted (self->source)
                                  ? "audio-volume-muted-symbolic" : "audio-volume-high-symbolic");
      gtk_widget_set_opacity (GTK_WIDGET (self->thumb), fugue_source_is_muted (self->source) ? 0.4 : 1);
      gtk_widget_remove_css_class (GTK_WIDGET (self->name_label), "dim-label");
    }
  else
    {
      gtk_label_set_text (self->name_label, _("Drop a picture"));
      gtk_widget_set_tooltip_text (GTK_WIDGET (self->name_label), NULL);
      gtk_widget_set_opacity (GTK_WIDGET (self->thumb), 1);
      gtk_widget_add_css_class (GTK_WIDGET (self->name_label), "dim-label");
    }
  if (is_hovered (self))
    gtk_label_set_text (self->name_label, _("Let go to put it here"));
  describe (self);
}

static void
hovered_cb (FugueSourceSlot *self)
{
  if (is_hovered (self))
    gtk_widget_add_css_class (GTK_WIDGET (self), "fugue-drop-here");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), "fugue-drop-here");
  update (self);
}

void
fugue_source_slot_refresh (FugueSourceSlot *self)
{
  FugueSource *source;

  g_return_if_fail (FUGUE_IS_SOURCE_SLOT (self));

  source = fugue_session_get_slot (self->session, self->slot);
  if (source == self->source)
    return;

  if (self->source != NULL)
    {
      g_signal_handlers_disconnect_by_func (self->source, update, self);
      g_binding_unbind (self->lock_binding);
      g_binding_unbind (self->mute_binding);
      g_clear_object (&self->lock_binding);
      g_clear_object (&self->mute_binding);
      gtk_popover_popdown (self->crop_popover);
    }
  g_set_object (&self->source, source);
  fugue_thumb_set_source (self->thumb, source);
  if (source != NULL)
    {
      g_signal_connect_swapped (source, "notify", G_CALLBACK (update), self);
      self->lock_binding = g_object_ref (g_object_bind_property (source, "is-locked", self->lock_button, "active",
                                                                 G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL));
      self->mute_binding = g_object_ref (g_object_bind_property (source, "is-muted", self->mute_button, "active",
                                                                 G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL));
    }
  update (self);
}

static void
choose (FugueSourceSlot *self)
{
  if (self->source != NULL)
    g_signal_emit (self, signals[CHOSEN], 0, self->source);
  else
    gtk_widget_activate_action (GTK_WIDGET (self), "win.open-in", "s", fugue_slot_get_letter (self->slot));
}

static void
released_cb (GtkGestureClick *gesture,
             int              n_press,
             double           x,
             double           y,
             FugueSourceSlot *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self));
  choose (self);
}

static void
remove_cb (FugueSourceSlot *self)
{
  if (self->source != NULL)
    fugue_session_move_source (self->session, self->source, FUGUE_SLOT_NONE);
}

static gboolean
key_pressed_cb (GtkEventControllerKey *controller,
                guint                  keyval,
                guint                  keycode,
                GdkModifierType        state,
                FugueSourceSlot       *self)
{
  if (!gtk_widget_is_focus (GTK_WIDGET (self)) || (state & (GDK_CONTROL_MASK | GDK_SHIFT_MASK | GDK_ALT_MASK)))
    return GDK_EVENT_PROPAGATE;

  switch (keyval)
    {
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
    case GDK_KEY_space:
      choose (self);
      return GDK_EVENT_STOP;
    case GDK_KEY_Delete:
    case GDK_KEY_KP_Delete:
      remove_cb (self);
      return GDK_EVENT_STOP;
    default:
      return GDK_EVENT_PROPAGATE;
    }
}

static void
crop_shown_cb (FugueSourceSlot *self)
{
  fugue_crop_set_source (self->crop, self->source);
  gtk_widget_grab_focus (GTK_WIDGET (self->crop));
}

static void
centre_cb (FugueSourceSlot *self)
{
  if (self->source != NULL)
    fugue_source_set_crop (self->source, NULL);
}

static GdkContentProvider *
drag_prepare_cb (GtkDragSource   *source,
                 double           x,
                 double           y,
                 FugueSourceSlot *self)
{
  return self->source != NULL ? gdk_content_provider_new_typed (FUGUE_TYPE_SOURCE, self->source) : NULL;
}

static void
drag_begin_cb (GtkDragSource   *source,
               GdkDrag         *drag,
               FugueSourceSlot *self)
{
  g_autoptr (GdkTexture) texture = fugue_texture_new_from_image (fugue_source_get_thumbnail (self->source));

  gtk_drag_source_set_icon (source, GDK_PAINTABLE (texture), 0, 0);
}

static void
fugue_source_slot_dispose (GObject *object)
{
  FugueSourceSlot *self = FUGUE_SOURCE_SLOT (object);

  if (self->source != NULL)
    g_signal_handlers_disconnect_by_func (self->source, update, self);
  g_clear_object (&self->lock_binding);
  g_clear_object (&self->mute_binding);
  g_clear_object (&self->source);
  g_clear_object (&self->session);
  g_clear_object (&self->controls);
  g_clear_object (&self->intake);
  gtk_widget_dispose_template (GTK_WIDGET (self), FUGUE_TYPE_SOURCE_SLOT);
  if (self->thumb != NULL)
    gtk_widget_unparent (GTK_WIDGET (self->thumb));
  self->thumb = NULL;
  G_OBJECT_CLASS (fugue_source_slot_parent_class)->dispose (object);
}

static void
fugue_source_slot_class_init (FugueSourceSlotClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = fugue_source_slot_dispose;

  signals[CHOSEN] = g_signal_new ("chosen", FUGUE_TYPE_SOURCE_SLOT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 1, FUGUE_TYPE_SOURCE);

  g_type_ensure (FUGUE_TYPE_CROP);
  gtk_widget_class_set_css_name (widget_class, "slot");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/fugue/Fugue/ui/fugue-source-slot.ui");
  gtk_widget_class_bind_template_child (widget_class, FugueSourceSlot, side);
  gtk_widget_class_bind_template_child (widget_class, FugueSourceSlot, name_label);
  gtk_widget_class_bind_template_child (widget_class, FugueSourceSlot, size_label);
  gtk_widget_class_bind_template_child (widget_class, FugueSourceSlot, buttons);
  gtk_widget_class_bind_template_child (widget_class, FugueSourceSlot, lock_button);
  gtk_widget_class_bind_template_child (widget_class, FugueSourceSlot, mute_button);
  gtk_widget_class_bind_template_child (widget_class, FugueSourceSlot, crop_button);
  gtk_widget_class_bind_template_child (widget_class, FugueSourceSlot, crop_popover);
  gtk_widget_class_bind_template_child (widget_class, FugueSourceSlot, crop);
  gtk_widget_class_bind_template_child (widget_class, FugueSourceSlot, centre_button);
  gtk_widget_class_bind_template_child (widget_class, FugueSourceSlot, remove_button);
  gtk_widget_class_bind_template_child (widget_class, FugueSourceSlot, weight_button);
  gtk_widget_class_bind_template_child (widget_class, FugueSourceSlot, weight_adjustment);
}

static void
fugue_source_slot_init (FugueSourceSlot *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_swapped (self->remove_button, "clicked", G_CALLBACK (remove_cb), self);
  g_signal_connect_swapped (self->centre_button, "clicked", G_CALLBACK (centre_cb), self);
  g_signal_connect_swapped (self->crop_popover, "show", G_CALLBACK (crop_shown_cb), self);
}

static void
add_controllers (FugueSourceSlot *self)
{
  GtkEventController *key = gtk_event_controller_key_new ();
  GtkGesture *click = gtk_gesture_click_new ();
  GtkDragSource *drag = gtk_drag_source_new ();

  g_signal_connect (key, "key-pressed", G_CALLBACK (key_pressed_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), key);
  g_signal_connect (click, "released", G_CALLBACK (released_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self->thumb), GTK_EVENT_CONTROLLER (click));
  gtk_drag_source_set_actions (drag, GDK_ACTION_COPY | GDK_ACTION_MOVE);
  g_signal_connect (drag, "prepare", G_CALLBACK (drag_prepare_cb), self);
  g_signal_connect (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self->thumb), GTK_EVENT_CONTROLLER (drag));
}

GtkWidget *
fugue_source_slot_new (FugueSession  *session,
                       FugueControls *controls,
                       FugueIntake   *intake,
                       FugueSlot      slot)
{
  static const char *const WEIGHTS[FUGUE_N_SLOTS] = { "weight-a", "weight-b", "weight-c", "weight-d" };
  FugueSourceSlot *self = g_object_new (FUGUE_TYPE_SOURCE_SLOT, NULL);
  g_autofree char *weight = g_strdup_printf (_("Weight of %s"), fugue_slot_get_letter (slot));

  self->session = g_object_ref (session);
  self->controls = g_object_ref (controls);
  self->intake = g_object_ref (intake);
  self->slot = slot;
  self->thumb = FUGUE_THUMB (fugue_thumb_new (THUMB_SIZE, fugue_slot_get_letter (slot)));
  gtk_widget_insert_after (GTK_WIDGET (self->thumb), GTK_WIDGET (self), NULL);
  add_controllers (self);
  fugue_intake_add_drop_target (intake, GTK_WIDGET (self), slot);
  g_signal_connect_object (intake, "notify::hovered", G_CALLBACK (hovered_cb), self, G_CONNECT_SWAPPED);

  g_signal_connect_object (fugue_shortcut_keys_get_default (), "changed", G_CALLBACK (update_mute_tooltip), self,
                           G_CONNECT_SWAPPED);
  update_mute_tooltip (self);

  gtk_accessible_update_property (GTK_ACCESSIBLE (self->weight_button), GTK_ACCESSIBLE_PROPERTY_LABEL, weight, -1);
  g_object_bind_property (controls, WEIGHTS[slot], self->weight_adjustment, "value",
                          G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL);
  fugue_source_slot_refresh (self);
  update (self);
  return GTK_WIDGET (self);
}

FugueSlot
fugue_source_slot_get_slot (FugueSourceSlot *self)
{
  g_return_val_if_fail (FUGUE_IS_SOURCE_SLOT (self), FUGUE_SLOT_NONE);

  return self->slot;
}

FugueSource *
fugue_source_slot_get_source (FugueSourceSlot *self)
{
  g_return_val_if_fail (FUGUE_IS_SOURCE_SLOT (self), NULL);

  return self->source;
}

void
fugue_source_slot_show_weight (FugueSourceSlot *self,
                               gboolean         shown)
{
  g_return_if_fail (FUGUE_IS_SOURCE_SLOT (self));

  self->shows_weight = shown;
  update (self);
}
