/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "fugue-window-private.h"

#include <glib/gi18n.h>
#include <math.h>

#include "fugue-compat.h"
#include "fugue-empty.h"
#include "fugue-mode-stage.h"
#include "fugue-modes.h"
#include "fugue-settings.h"
#include "fugue-shortcut-keys.h"

/* Pixels: leaves the gallery two rows in a window of the usual size. */
#define STAGE_HEIGHT 330

enum
{
  PROP_0,
  PROP_PICTURE,
  PROP_BASE,
  N_PROPS,
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (FugueWindow, fugue_window, GTK_TYPE_APPLICATION_WINDOW)

FugueSlot
fugue_slot_from_letter (const char *letter)
{
  g_return_val_if_fail (letter != NULL, FUGUE_SLOT_TRAY);

  switch (g_ascii_tolower (letter[0]))
    {
    case 'a':
      return FUGUE_SLOT_A;
    case 'b':
      return FUGUE_SLOT_B;
    case 'c':
      return FUGUE_SLOT_C;
    case 'd':
      return FUGUE_SLOT_D;
    default:
      return FUGUE_SLOT_TRAY;
    }
}

/* ---- what is on stage ---- */

/* With nothing in the gallery the stage has its room; with the first picture the two are divided as a person had them. */
static void
divide_centre (FugueWindow *self,
               gboolean     has_pictures)
{
  if (has_pictures && self->stage_height > 0)
    {
      gtk_paned_set_position (self->centre_paned, self->stage_height);
      self->stage_height = 0;
    }
  else if (!has_pictures && self->stage_height == 0)
    {
      self->stage_height = gtk_paned_get_position (self->centre_paned);
      gtk_paned_set_position (self->centre_paned, G_MAXINT16);
    }
}

static void
update_stage (FugueWindow *self)
{
  gboolean has_sources = g_list_model_get_n_items (fugue_session_get_sources (self->session)) > 0;
  gboolean has_pictures = g_list_model_get_n_items (fugue_session_get_pictures (self->session)) > 0;
  g_autofree char *title = NULL;
  const char *name = NULL;

  gtk_stack_set_visible_child_name (self->centre_stack, has_sources || has_pictures ? "stage" : "empty");
  divide_centre (self, has_pictures);
  if (self->picture != NULL)
    name = fugue_picture_get_label (self->picture);
  else if (self->base != NULL)
    name = fugue_source_get_name (self->base);
  if (name != NULL)
    title = g_strdup_printf (_("%s — Fugue"), name);
  gtk_window_set_title (GTK_WINDOW (self), title != NULL ? title : _("Fugue"));
  fugue_details_set_picture (self->details, fugue_gallery_get_current (self->gallery) != NULL
                                              ? fugue_gallery_get_current (self->gallery) : self->picture);
  fugue_window_update_actions (self);
}

static void
set_stage (FugueWindow  *self,
           FuguePicture *picture,
           FugueSource  *base)
{
  if (g_set_object (&self->picture, picture))
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_PICTURE]);
  if (g_set_object (&self->base, base))
    {
      fugue_controls_forget_path (self->controls);
      g_object_notify_by_pspec (G_OBJECT (self), props[PROP_BASE]);
    }
  update_stage (self);
}

static void
base_ready_cb (FugueWindow *self,
               FugueSource *source,
               gpointer     user_data)
{
  /* Another one may have been put on stage meanwhile. */
  if (self->picture != NULL && fugue_picture_get_id (self->picture) == fugue_source_get_picture (source))
    set_stage (self, self->picture, source);
}

void
fugue_window_put_picture (FugueWindow  *self,
                          FuguePicture *picture)
{
  g_return_if_fail (FUGUE_IS_WINDOW (self));
  g_return_if_fail (FUGUE_IS_PICTURE (picture));

  fugue_picture_set_seen (picture, TRUE);
  set_stage (self, picture, NULL);
  if (fugue_picture_get_state (picture) == FUGUE_PICTURE_FINISHED)
    fugue_window_with_source (self, picture, FUGUE_SLOT_NONE, base_ready_cb, NULL);
}

void
fugue_window_put_source (FugueWindow *self,
                         FugueSource *source)
{
  g_return_if_fail (FUGUE_IS_WINDOW (self));

  set_stage (self, NULL, source);
}

/* Only an engine knows how far apart embeddings are; each difference that it makes of the base tells. */
static void
learn_path (FugueWindow  *self,
            FuguePicture *picture)
{
  UnclipRecipe *recipe = fugue_picture_get_recipe (picture);
  double degrees = fugue_picture_get_path_degrees (picture);

  if (recipe != NULL && !isnan (degrees) && self->base != NULL
      && g_strv_contains (unclip_recipe_get_sources (recipe), fugue_source_get_sha256 (self->base)))
    fugue_controls_learn_path (self->controls, recipe, degrees);
}

/* A picture that was put on stage before it was finished becomes the base when it is. */
static void
picture_finished_cb (FugueWindow  *self,
                     FuguePicture *picture)
{
  learn_path (self, picture);
  if (picture == self->picture && self->base == NULL)
    fugue_window_put_picture (self, picture);
}

static void
sources_changed_cb (FugueWindow *self)
{
  /* A source that was taken out is not the base any more. */
  if (self->picture == NULL && self->base != NULL && fugue_source_get_slot (self->base) == FUGUE_SLOT_NONE)
    set_stage (self, NULL, NULL);
  for (FugueSlot slot = FUGUE_SLOT_A; slot < FUGUE_N_SLOTS && self->picture == NULL && self->base == NULL; slot++)
    set_stage (self, NULL, fugue_session_get_slot (self->session, slot));
  update_stage (self);
}

static void
arrived_cb (FugueWindow *self,
            FugueSource *source,
            gboolean     is_first)
{
  gboolean vary = self->vary_first;

  if (!is_first)
    return;

  self->vary_first = FALSE;
  fugue_window_put_source (self, source);
  if (vary)
    fugue_window_run (self, FUGUE_MODE_VARY, source, FALSE);
}

static void
folder_cb (FugueWindow *self,
           GFile       *folder)
{
  self->vary_first = FALSE;
  fugue_window_vary_folder (self, folder);
}

static void
failed_cb (FugueWindow *self,
           const char  *message)
{
  self->vary_first = FALSE;
  fugue_window_toast (self, message, NULL, 0);
}

/* ---- modes ---- */

static void
mode_cb (FugueWindow *self)
{
  gboolean is_mix = g_strcmp0 (fugue_window_get_mode (self), "mix") == 0;

  fugue_sources_show_weights (self->sources, is_mix);
  g_settings_set_string (self->settings, "mode", fugue_window_get_mode (self));
  fugue_window_stop_drafts (self);
}

static void
add_modes (FugueWindow *self)
{
  guint n_modes;
  const FugueModeInfo *modes = fugue_modes_get (&n_modes);

  for (guint i = 0; i < n_modes; i++)
    {
      gtk_stack_add_titled (self->panel_stack, fugue_modes_new_panel (i, self), modes[i].name, _(modes[i].title));
      gtk_stack_add_titled (self->stage_stack, fugue_modes_new_stage (i, self), modes[i].name, _(modes[i].title));
    }
  g_object_bind_property (self->panel_stack, "visible-child-name",
                          self->stage_stack, "visible-child-name", G_BINDING_SYNC_CREATE);
  gtk_stack_switcher_set_stack (self->mode_switcher, self->panel_stack);
  g_signal_connect_object (self->panel_stack, "notify::visible-child-name", G_CALLBACK (mode_cb), self,
                           G_CONNECT_SWAPPED);
}

/* ---- building ---- */

/* Of the size of the page that is shown alone: others would make the window higher, and would be measured at their least height, where their
 * words wrap nowhere. */
static GtkStack *
stack_new (void)
{
  GtkStack *stack = GTK_STACK (gtk_stack_new ());

  gtk_stack_set_vhomogeneous (stack, FALSE);
  gtk_stack_set_hhomogeneous (stack, FALSE);
  return stack;
}

static GtkWidget *
centre_new (FugueWindow *self)
{
  GtkWidget *empty = fugue_empty_new ();

  self->stage_stack = stack_new ();
  gtk_widget_add_css_class (GTK_WIDGET (self->stage_stack), "fugue-stage");
  self->gallery = FUGUE_GALLERY (fugue_gallery_new (self->session));
  self->centre_paned = GTK_PANED (gtk_paned_new (GTK_ORIENTATION_VERTICAL));
  gtk_paned_set_start_child (self->centre_paned, GTK_WIDGET (self->stage_stack));
  gtk_paned_set_end_child (self->centre_paned, GTK_WIDGET (self->gallery));
  gtk_paned_set_position (self->centre_paned, STAGE_HEIGHT);
  gtk_paned_set_shrink_start_child (self->centre_paned, FALSE);
  gtk_paned_set_shrink_end_child (self->centre_paned, FALSE);
  /* Little enough for a window of 480 pixels with a banner. */
  gtk_widget_set_size_request (GTK_WIDGET (self->stage_stack), 320, 96);
  gtk_widget_set_size_request (GTK_WIDGET (self->gallery), -1, 72);

  self->centre_stack = stack_new ();
  gtk_stack_add_named (self->centre_stack, empty, "empty");
  gtk_stack_add_named (self->centre_stack, GTK_WIDGET (self->centre_paned), "stage");
  fugue_intake_add_drop_target (self->intake, GTK_WIDGET (self->centre_stack), FUGUE_SLOT_FREE);
  return GTK_WIDGET (self->centre_stack);
}

static GtkWidget *
end_new (FugueWindow *self)
{
  GtkWidget *scrolled = gtk_scrolled_window_new ();

  self->panel_stack = stack_new ();
  self->details = FUGUE_DETAILS (fugue_details_new (self->session));
  self->end_stack = stack_new ();
  gtk_stack_add_named (self->end_stack, GTK_WIDGET (self->panel_stack), "controls");
  gtk_stack_add_named (self->end_stack, GTK_WIDGET (self->details), "details");

  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), GTK_WIDGET (self->end_stack));
  gtk_accessible_update_property (GTK_ACCESSIBLE (scrolled), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Controls"), -1);
  fugue_intake_add_drop_target (self->intake, scrolled, FUGUE_SLOT_FREE);
  gtk_widget_set_size_request (scrolled, 280, -1);
  return scrolled;
}

static void
update_drop_hint (FugueWindow *self)
{
  g_autofree char *hint = fugue_intake_dup_hint (self->intake);

  if (hint != NULL)
    gtk_label_set_text (self->drop_hint, hint);
  gtk_widget_set_visible (GTK_WIDGET (self->drop_hint), hint != NULL);
}

static GtkWidget *
drop_hint_new (FugueWindow *self)
{
  GtkWidget *label = g_object_new (GTK_TYPE_LABEL, "accessible-role", GTK_ACCESSIBLE_ROLE_STATUS, "visible", FALSE, "can-target", FALSE,
                                   "halign", GTK_ALIGN_CENTER, "valign", GTK_ALIGN_END, "wrap", TRUE, "justify", GTK_JUSTIFY_CENTER, NULL);

  gtk_widget_add_css_class (label, "fugue-drop-hint");
  self->drop_hint = GTK_LABEL (label);
  g_signal_connect_object (self->intake, "notify", G_CALLBACK (update_drop_hint), self, G_CONNECT_SWAPPED);
  return label;
}

static void
build (FugueWindow *self)
{
  GtkWidget *centre;
  GtkWidget *overlay;

  self->sources = FUGUE_SOURCES (fugue_sources_new (self->session, self->controls, self->intake));
  gtk_widget_set_size_request (GTK_WIDGET (self->sources), 200, -1);
  centre = centre_new (self);
  self->panes = FUGUE_PANES (fugue_panes_new (GTK_WIDGET (self->sources), centre, end_new (self)));
  self->quick_look = FUGUE_QUICK_LOOK (fugue_quick_look_new ());
  overlay = gtk_overlay_new ();
  gtk_overlay_set_child (GTK_OVERLAY (overlay), GTK_WIDGET (self->panes));
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), GTK_WIDGET (self->quick_look));
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), drop_hint_new (self));
  self->toasts = FUGUE_TOASTS (fugue_toasts_new ());
  fugue_toasts_set_child (self->toasts, overlay);
  gtk_widget_set_vexpand (GTK_WIDGET (self->toasts), TRUE);
  gtk_box_append (GTK_BOX (self->toasts_place), GTK_WIDGET (self->toasts));
  self->activity_bar = FUGUE_ACTIVITY_BAR (fugue_activity_bar_new (self->queue, self->pool));
  gtk_box_append (GTK_BOX (self->toasts_place), GTK_WIDGET (self->activity_bar));
  add_modes (self);
}

static void
add_menus (FugueWindow *self)
{
  g_autoptr (GMenu) menu = fugue_window_create_menu ();
  g_autoptr (GMenu) go_menu = fugue_window_create_go_menu ();
  g_autoptr (GMenu) picture_menu = fugue_window_create_picture_menu ();

  gtk_menu_button_set_menu_model (self->menu_button, G_MENU_MODEL (menu));
  gtk_menu_button_set_menu_model (self->go_menu_button, G_MENU_MODEL (go_menu));
  fugue_gallery_set_menu (self->gallery, G_MENU_MODEL (picture_menu));
}

static void
add_tooltips (FugueWindow *self)
{
  static const struct { const char *id, *action; } BUTTONS[] = {
    { "open_button", "win.open" }, { "undo_button", "win.undo" }, { "redo_button", "win.redo" },
    { "go_button", "win.go" }, { "live_button", "win.live" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (BUTTONS); i++)
    {
      g_autofree char *tooltip = fugue_shortcuts_dup_tooltip (BUTTONS[i].action);
      GObject *button = gtk_widget_get_template_child (GTK_WIDGET (self), FUGUE_TYPE_WINDOW, BUTTONS[i].id);

      gtk_widget_set_tooltip_text (GTK_WIDGET (button), tooltip);
    }
}

static void
popover_closed_cb (FugueWindow *self,
                   GtkPopover  *popover)
{
  fugue_compat_leave (GTK_WIDGET (popover), self->focus_before);
}

static void
focus_cb (FugueWindow *self)
{
  GtkWidget *focus = gtk_root_get_focus (GTK_ROOT (self));
  GtkWidget *popover = focus != NULL ? gtk_widget_get_ancestor (focus, GTK_TYPE_POPOVER) : NULL;

  if (popover != NULL)
    {
      g_signal_handlers_disconnect_by_func (popover, popover_closed_cb, self);
      g_signal_connect_object (popover, "closed", G_CALLBACK (popover_closed_cb), self, G_CONNECT_SWAPPED);
    }
  else
    {
      g_set_weak_pointer (&self->focus_before, focus);
    }
  update_stage (self);
}

static void
chosen_cb (FugueWindow  *self,
           FuguePicture *picture)
{
  fugue_window_put_picture (self, picture);
}

/* Where the mode has a source to show. */
static void
source_look_cb (FugueWindow *self,
                gboolean     is_held)
{
  FugueModeStage *stage = FUGUE_MODE_STAGE (gtk_stack_get_visible_child (self->stage_stack));

  fugue_stage_set_shows_source (fugue_mode_stage_get_stage (stage), is_held);
}

static void
connect_all (FugueWindow *self)
{
  GListModel *sources = fugue_session_get_sources (self->session);
  GListModel *pictures = fugue_session_get_pictures (self->session);

  g_signal_connect_object (self->intake, "arrived", G_CALLBACK (arrived_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->intake, "folder", G_CALLBACK (folder_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->intake, "failed", G_CALLBACK (failed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (sources, "items-changed", G_CALLBACK (sources_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (pictures, "items-changed", G_CALLBACK (update_stage), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->queue, "picture-finished", G_CALLBACK (picture_finished_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->undo, "notify", G_CALLBACK (fugue_window_update_actions), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->gallery, "current-changed", G_CALLBACK (update_stage), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self, "notify::focus-widget", G_CALLBACK (focus_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->gallery, "chosen", G_CALLBACK (chosen_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->gallery, "quick-look", G_CALLBACK (fugue_quick_look_set_picture), self->quick_look,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->gallery, "source-look", G_CALLBACK (source_look_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->sources, "chosen", G_CALLBACK (fugue_window_put_source), self, G_CONNECT_SWAPPED);
}

static void
load_looks (FugueWindow *self)
{
  g_autofree char *mode = g_settings_get_string (self->settings, "mode");

  gtk_window_set_default_size (GTK_WINDOW (self), g_settings_get_int (self->settings, "width"),
                               g_settings_get_int (self->settings, "height"));
  if (g_settings_get_boolean (self->settings, "maximised"))
    gtk_window_maximize (GTK_WINDOW (self));
  fugue_panes_set_width (self->panes, FUGUE_PANE_START, g_settings_get_int (self->settings, "sources-width"));
  fugue_panes_set_width (self->panes, FUGUE_PANE_END, g_settings_get_int (self->settings, "controls-width"));
  fugue_gallery_set_cell_size (self->gallery, g_settings_get_int (self->settings, "cell-size"));
  fugue_window_set_mode (self, mode);
}

static void
save_looks (FugueWindow *self)
{
  int width, height;

  gtk_window_get_default_size (GTK_WINDOW (self), &width, &height);
  g_settings_set_int (self->settings, "width", MAX (width, 720));
  g_settings_set_int (self->settings, "height", MAX (height, 480));
  g_settings_set_boolean (self->settings, "maximised", gtk_window_is_maximized (GTK_WINDOW (self)));
  g_settings_set_int (self->settings, "sources-width",
                      CLAMP (fugue_panes_get_width (self->panes, FUGUE_PANE_START), 120, 2000));
  g_settings_set_int (self->settings, "controls-width",
                      CLAMP (fugue_panes_get_width (self->panes, FUGUE_PANE_END), 200, 2000));
  g_settings_set_int (self->settings, "cell-size", fugue_gallery_get_cell_size (self->gallery));
}

/* What runs goes on at the next start: the session has the queue. */
static gboolean
fugue_window_close_request (GtkWindow *window)
{
  FugueWindow *self = FUGUE_WINDOW (window);

  self->is_closing = TRUE;
  save_looks (self);
  fugue_window_stop_drafts (self);
  return GTK_WINDOW_CLASS (fugue_window_parent_class)->close_request (window);
}

static void
fugue_window_get_property (GObject    *object,
                           guint       prop_id,
                           GValue     *value,
                           GParamSpec *pspec)
{
  FugueWindow *self = FUGUE_WINDOW (object);

  switch (prop_id)
    {
    case PROP_PICTURE:
      g_value_set_object (value, self->picture);
      break;
    case PROP_BASE:
      g_value_set_object (value, self->base);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

/* What is followed may change until the very end, as the session does while it is closed; nobody is there to be told then. */
static void
stop_following (FugueWindow *self)
{
  gpointer followed[] = {
    self->session, fugue_session_get_sources (self->session), fugue_session_get_pictures (self->session),
    self->queue, fugue_queue_get_left_over (self->queue), self->folders, self->controls, self->undo, self->intake, self->pool,
    self->settings, fugue_shortcut_keys_get_default (),
  };
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->pool));

  for (guint i = 0; i < G_N_ELEMENTS (followed); i++)
    g_signal_handlers_disconnect_by_data (followed[i], self);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (FugueEngine) engine = g_list_model_get_item (G_LIST_MODEL (self->pool), i);

      g_signal_handlers_disconnect_by_data (engine, self);
    }
  g_signal_handlers_disconnect_by_data (self, self);
}

static void
fugue_window_dispose (GObject *object)
{
  FugueWindow *self = FUGUE_WINDOW (object);

  if (self->session != NULL)
    stop_following (self);
  /* They hold the queue and the panels, and GTK holds them. */
  g_action_map_remove_action (G_ACTION_MAP (self), "pause");
  g_action_map_remove_action (G_ACTION_MAP (self), "mode");
  g_cancellable_cancel (self->cancellable);
  fugue_window_stop_drafts (self);
  fugue_window_clear_wanted (self);
  if (self->inhibit_cookie != 0)
    gtk_application_uninhibit (GTK_APPLICATION (g_application_get_default ()), self->inhibit_cookie);
  self->inhibit_cookie = 0;
  if (self->intake != NULL)
    g_object_run_dispose (G_OBJECT (self->intake));

  g_clear_weak_pointer (&self->focus_before);
  gtk_widget_dispose_template (GTK_WIDGET (self), FUGUE_TYPE_WINDOW);
  g_clear_object (&self->picture);
  g_clear_object (&self->base);
  g_clear_object (&self->last_job);
  g_ptr_array_set_size (self->stopped_jobs, 0);
  g_clear_object (&self->offered_source);
  g_clear_object (&self->intake);
  g_clear_object (&self->undo);
  if (self->folders != NULL)
    g_object_run_dispose (G_OBJECT (self->folders));
  g_clear_object (&self->folders);
  g_clear_object (&self->queue);
  g_clear_object (&self->controls);
  g_clear_object (&self->session);
  g_clear_object (&self->pool);
  g_clear_object (&self->settings);
  G_OBJECT_CLASS (fugue_window_parent_class)->dispose (object);
}

static void
fugue_window_finalize (GObject *object)
{
  FugueWindow *self = FUGUE_WINDOW (object);

  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->stopped_jobs, g_ptr_array_unref);
  g_clear_pointer (&self->offered_recipe, unclip_recipe_unref);
  g_clear_pointer (&self->offered_caption, g_free);
  g_clear_pointer (&self->exported, g_strfreev);
  G_OBJECT_CLASS (fugue_window_parent_class)->finalize (object);
}

static void
fugue_window_class_init (FugueWindowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = fugue_window_get_property;
  object_class->dispose = fugue_window_dispose;
  object_class->finalize = fugue_window_finalize;
  GTK_WINDOW_CLASS (klass)->close_request = fugue_window_close_request;

  props[PROP_PICTURE] = g_param_spec_object ("picture", NULL, NULL, FUGUE_TYPE_PICTURE,
                                             G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  props[PROP_BASE] = g_param_spec_object ("base", NULL, NULL, FUGUE_TYPE_SOURCE,
                                          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);

  g_type_ensure (FUGUE_TYPE_BANNER);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/fugue/Fugue/ui/fugue-window.ui");
  gtk_widget_class_bind_template_child (widget_class, FugueWindow, banner);
  gtk_widget_class_bind_template_child (widget_class, FugueWindow, toasts_place);
  gtk_widget_class_bind_template_child (widget_class, FugueWindow, mode_switcher);
  gtk_widget_class_bind_template_child (widget_class, FugueWindow, menu_button);
  gtk_widget_class_bind_template_child (widget_class, FugueWindow, go_menu_button);
  gtk_widget_class_bind_template_child_full (widget_class, "open_button", FALSE, 0);
  gtk_widget_class_bind_template_child_full (widget_class, "undo_button", FALSE, 0);
  gtk_widget_class_bind_template_child_full (widget_class, "redo_button", FALSE, 0);
  gtk_widget_class_bind_template_child_full (widget_class, "go_button", FALSE, 0);
  gtk_widget_class_bind_template_child_full (widget_class, "live_button", FALSE, 0);
}

static void
fugue_window_init (FugueWindow *self)
{
  self->cancellable = g_cancellable_new ();
  self->stopped_jobs = g_ptr_array_new_with_free_func (g_object_unref);
  g_queue_init (&self->wanted);
  gtk_widget_init_template (GTK_WIDGET (self));
}

FugueWindow *
fugue_window_new (FugueApplication *application,
                  FugueSession     *session)
{
  FugueWindow *self;

  g_return_val_if_fail (FUGUE_IS_APPLICATION (application), NULL);
  g_return_val_if_fail (FUGUE_IS_SESSION (session), NULL);

  self = g_object_new (FUGUE_TYPE_WINDOW, "application", application, NULL);
  self->session = g_object_ref (session);
  self->settings = g_object_ref (fugue_settings_get_default ());
  self->pool = g_object_ref (fugue_application_get_pool (application));
  self->controls = fugue_controls_new ();
  fugue_controls_follow_session (self->controls, session);
  self->queue = fugue_queue_new (session, fugue_application_get_runner (application));
  self->undo = fugue_undo_new (session, self->controls);
  self->folders = fugue_folder_batch_new (session, self->queue, self->controls);
  self->intake = fugue_intake_new (session);

  build (self);
  fugue_window_add_actions (self);
  add_menus (self);
  add_tooltips (self);
  gtk_widget_add_controller (GTK_WIDGET (self), fugue_shortcuts_controller_new (self->settings));
  g_signal_connect_object (fugue_shortcut_keys_get_default (), "changed", G_CALLBACK (add_menus), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (fugue_shortcut_keys_get_default (), "changed", G_CALLBACK (add_tooltips), self, G_CONNECT_SWAPPED);
  connect_all (self);
  load_looks (self);
  sources_changed_cb (self);
  fugue_window_follow_queue (self);
  fugue_window_follow_trouble (self);
  fugue_window_follow_conditions (self);
  return self;
}

FugueApplication *
fugue_window_get_application (FugueWindow *self)
{
  g_return_val_if_fail (FUGUE_IS_WINDOW (self), NULL);

  return FUGUE_APPLICATION (gtk_window_get_application (GTK_WINDOW (self)));
}

FugueSession *
fugue_window_get_session (FugueWindow *self)
{
  g_return_val_if_fail (FUGUE_IS_WINDOW (self), NULL);

  return self->session;
}

FugueControls *
fugue_window_get_controls (FugueWindow *self)
{
  g_return_val_if_fail (FUGUE_IS_WINDOW (self), NULL);

  return self->controls;
}

FugueQueue *
fugue_window_get_queue (FugueWindow *self)
{
  g_return_val_if_fail (FUGUE_IS_WINDOW (self), NULL);

  return self->queue;
}

FugueUndo *
fugue_window_get_undo (FugueWindow *self)
{
  g_return_val_if_fail (FUGUE_IS_WINDOW (self), NULL);

  return self->undo;
}

FuguePicture *
fugue_window_get_picture (FugueWindow *self)
{
  g_return_val_if_fail (FUGUE_IS_WINDOW (self), NULL);

  return self->picture;
}

FugueSource *
fugue_window_get_base (FugueWindow *self)
{
  g_return_val_if_fail (FUGUE_IS_WINDOW (self), NULL);

  return self->base;
}

const char *
fugue_window_get_mode (FugueWindow *self)
{
  g_return_val_if_fail (FUGUE_IS_WINDOW (self), NULL);

  return gtk_stack_get_visible_child_name (self->panel_stack);
}

void
fugue_window_set_mode (FugueWindow *self,
                       const char  *mode)
{
  g_return_if_fail (FUGUE_IS_WINDOW (self));

  gtk_stack_set_visible_child_name (self->panel_stack, mode);
}

void
fugue_window_open_files (FugueWindow *self,
                         GListModel  *files,
                         gboolean     vary)
{
  g_return_if_fail (FUGUE_IS_WINDOW (self));

  self->vary_first = vary;
  fugue_intake_take_files (self->intake, files, FUGUE_SLOT_FREE, FUGUE_INTAKE_ASK);
}

void
fugue_window_toast (FugueWindow            *self,
                    const char             *message,
                    const FugueToastButton *buttons,
                    guint                   n_buttons)
{
  g_return_if_fail (FUGUE_IS_WINDOW (self));

  fugue_toasts_add (self->toasts, message, buttons, n_buttons);
}
