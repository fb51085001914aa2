/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the files of the window share: fugue-window.c builds it and knows what is on stage, fugue-window-actions.c does what keys and
 * menus ask for, fugue-window-export.c what leaves the window, fugue-window-run.c makes batches and follows them,
 * fugue-window-trouble.c sees to those that fail, fugue-window-conditions.c says what is wrong.
 */

#pragma once

#include "fugue-activity-bar.h"
#include "fugue-banner.h"
#include "fugue-details.h"
#include "fugue-folder-batch.h"
#include "fugue-gallery.h"
#include "fugue-intake.h"
#include "fugue-panes.h"
#include "fugue-quick-look.h"
#include "fugue-sources.h"
#include "fugue-window.h"

struct _FugueWindow
{
  GtkApplicationWindow  parent_instance;

  /* Template children */
  FugueBanner          *banner;
  GtkWidget            *toasts_place;
  GtkStackSwitcher     *mode_switcher;
  GtkMenuButton        *menu_button;
  GtkMenuButton        *go_menu_button;

  /* Borrowed: widgets within */
  FugueToasts          *toasts;
  FuguePanes           *panes;
  FugueQuickLook       *quick_look;        /* over the panes */
  GtkLabel             *drop_hint;         /* over the panes */
  FugueSources         *sources;
  GtkStack             *centre_stack;      /* "empty" or "stage" */
  GtkPaned             *centre_paned;      /* stage over gallery */
  GtkStack             *stage_stack;       /* a page for each mode */
  FugueGallery         *gallery;
  GtkStack             *end_stack;         /* "controls" or "details" */
  GtkStack             *panel_stack;       /* a page for each mode */
  FugueDetails         *details;
  FugueActivityBar     *activity_bar;

  /* Owned; constant once made */
  FugueSession         *session;
  FugueControls        *controls;
  FugueQueue           *queue;
  FugueFolderBatch     *folders;
  FugueUndo            *undo;
  FugueIntake          *intake;
  FugueEnginePool      *pool;
  GSettings            *settings;
  GCancellable         *cancellable;       /* cancelled in dispose */

  /* Owned; what is on stage */
  FuguePicture         *picture;           /* (nullable) */
  FugueSource          *base;              /* (nullable) */

  /* Owned; batches */
  GQueue                wanted;            /* runs that wait for the model; see fugue-window-run.c */
  FugueJob             *last_job;          /* (nullable) */
  GPtrArray            *stopped_jobs;      /* of FugueJob: to be resumed */
  gboolean              vary_first;        /* vary the first picture that arrives */
  guint                 draft_timeout;
  guint                 rest_timeout;
  gint64                run_began;         /* monotonic µs; 0 when nothing runs */
  gboolean              is_inhibited;      /* the machine may not fall asleep */
  guint                 inhibit_cookie;    /* 0 also where nothing could be asked to keep it awake */

  /* Owned; a recipe that was offered */
  UnclipRecipe         *offered_recipe;    /* (nullable) */
  FugueSource          *offered_source;    /* (nullable): came with it */
  char                 *offered_caption;   /* (nullable): of another program's recipe */
  guint64               offered_seed;
  gboolean              has_offered_seed;
  char                **exported;          /* (nullable): files of the last export */

  int                   stage_height;      /* pixels, beside a gallery with pictures; 0 while it has some */
  GtkWidget            *focus_before;      /* watched weakly, (nullable): had the focus before a popover */
  gboolean              told_of_device;    /* the banner about software Vulkan was dismissed */
  gboolean              is_clearing;       /* jobs that end do so together */
  gboolean              is_closing;
};

/* fugue-window-actions.c */
void       fugue_window_add_actions       (FugueWindow  *self);

/* Enables what is possible now. */
void       fugue_window_update_actions    (FugueWindow  *self);
GMenu     *fugue_window_create_menu       (void);
GMenu     *fugue_window_create_go_menu    (void);
GMenu     *fugue_window_create_picture_menu (void);

/* fugue-window-export.c */
void       fugue_window_add_export_actions (FugueWindow *self);

/* fugue-window-run.c */
void       fugue_window_follow_queue      (FugueWindow  *self);
void       fugue_window_vary_this         (FugueWindow  *self);
void       fugue_window_reroll            (FugueWindow  *self);
void       fugue_window_repeat            (FugueWindow  *self);
void       fugue_window_resume_stopped    (FugueWindow  *self);

/**
 * fugue_window_edit_job:
 * @id: of one that waits; any other is left alone
 *
 * Takes its settings into the controls, and it out of the queue.
 */
void       fugue_window_edit_job          (FugueWindow  *self,
                                           gint64        id);

/* Takes all that wait out of the queue, and what is still to come of folders. */
void       fugue_window_clear_queue       (FugueWindow  *self);
void       fugue_window_vary_folder       (FugueWindow  *self,
                                           GFile        *folder);
void       fugue_window_set_live          (FugueWindow  *self,
                                           gboolean      live);
void       fugue_window_stop_drafts       (FugueWindow  *self);

/* Runs what waited for the model, if there is one now. */
void       fugue_window_run_wanted        (FugueWindow  *self);
void       fugue_window_clear_wanted      (FugueWindow  *self);

/**
 * FugueSourceReadyFunc:
 * @source: what the picture is as a source
 */
typedef void (* FugueSourceReadyFunc) (FugueWindow *self,
                                       FugueSource *source,
                                       gpointer     user_data);

/**
 * fugue_window_with_source:
 * @picture: a finished one
 * @slot: where it shall be; %FUGUE_SLOT_NONE: anywhere, also where it is already
 *
 * Makes a picture of the gallery a source, and calls @func when it is, unless the window is gone by then.
 */
void       fugue_window_with_source       (FugueWindow          *self,
                                           FuguePicture         *picture,
                                           FugueSlot             slot,
                                           FugueSourceReadyFunc  func,
                                           gpointer              user_data);

/* fugue-window-trouble.c */
void       fugue_window_follow_trouble    (FugueWindow  *self);

/**
 * fugue_window_has_failed_selected:
 * @of_device: count those alone that another device may make
 *
 * Whether one of the pictures that are selected in the gallery failed.
 */
gboolean   fugue_window_has_failed_selected       (FugueWindow  *self,
                                                   gboolean      of_device);
void       fugue_window_try_selected_on_processor (FugueWindow  *self);
void       fugue_window_try_batch_on_processor    (FugueWindow  *self,
                                                   gint64        job);
void       fugue_window_copy_report_of_selected   (FugueWindow  *self);
void       fugue_window_copy_report_of_picture    (FugueWindow  *self,
                                                   gint64        id);

/* fugue-window-conditions.c */
void       fugue_window_follow_conditions (FugueWindow  *self);
void       fugue_window_offer_recipe      (FugueWindow  *self,
                                           FugueImport  *import,
                                           FugueSource  *source,
                                           FugueIntakeUse use);
void       fugue_window_take_offer        (FugueWindow  *self,
                                           gboolean      keep_source);
void       fugue_window_show_devices      (FugueWindow  *self);
void       fugue_window_load_recipe       (FugueWindow  *self,
                                           UnclipRecipe *recipe);

/* fugue-window.c */
FugueSlot  fugue_slot_from_letter         (const char   *letter);
