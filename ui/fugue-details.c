/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "fugue-details.h"

#include <glib/gi18n.h>
#include <json-glib/json-glib.h>
#include <math.h>

#include "fugue-activity-bar.h"
#include "fugue-cell.h"

struct _FugueDetails
{
  GtkWidget      parent_instance;

  /* Owned, as the only child */
  GtkWidget     *box;

  /* Borrowed: within */
  GtkListBox    *lines;
  GtkLabel      *empty_label;
  GtkWidget     *raw_expander;
  GtkTextBuffer *raw;

  /* Owned */
  FugueSession  *session;
  FuguePicture  *picture;      /* (nullable) */
};

G_DEFINE_FINAL_TYPE (FugueDetails, fugue_details, GTK_TYPE_WIDGET)

/* ---- recipes in words ---- */

static char *
dup_source_name (FugueSession *session,
                 const char   *sha256)
{
  FugueSource *source = session != NULL ? fugue_session_find_source (session, sha256) : NULL;

  return source != NULL ? g_strdup (fugue_source_get_name (source)) : g_strdup_printf ("%.8s…", sha256);
}

static void
append_embedding (GString               *text,
                  const UnclipEmbedding *node,
                  FugueSession          *session)
{
  g_autofree char *name = NULL;

  switch (node->kind)
    {
    case UNCLIP_EMBEDDING_IMAGE:
      name = dup_source_name (session, node->source);
      g_string_append (text, name);
      if (node->crop[2] > 0)
        g_string_append_printf (text, _(" (%u × %u at %u, %u)"), node->crop[2], node->crop[3], node->crop[0], node->crop[1]);
      break;
    case UNCLIP_EMBEDDING_CAPTION:
      g_string_append_printf (text, _("“%s”"), node->text);
      break;
    case UNCLIP_EMBEDDING_DIFF:
      append_embedding (text, node->base, session);
      g_string_append_printf (text, _(", from “%s” to “%s” by %+.2f"), node->from, node->to, node->amount);
      break;
    case UNCLIP_EMBEDDING_MIX:
      {
        double sum = 0;

        for (guint i = 0; i < node->n_parts; i++)
          sum += node->parts[i].weight;
        for (guint i = 0; i < node->n_parts; i++)
          {
            g_string_append_printf (text, _("%s%.0f %% "), i > 0 ? " + " : "", 100 * node->parts[i].weight / sum);
            append_embedding (text, node->parts[i].embedding, session);
          }
        break;
      }
    case UNCLIP_EMBEDDING_LOOSEN:
      append_embedding (text, node->base, session);
      g_string_append_printf (text, _(", loosened by %.2f"), node->amount);
      break;
    }
}

static void
append_noise (GString               *text,
              const UnclipNoiseNode *node,
              FugueSession          *session)
{
  g_autofree char *name = NULL;
  g_autofree char *seed = g_strdup_printf ("%" G_GUINT64_FORMAT, node->seed);

  switch (node->kind)
    {
    case UNCLIP_NOISE_SEED:
      g_string_append_printf (text, _("seed %s, picture %u"), seed, node->picture + 1);
      break;
    case UNCLIP_NOISE_INVERT:
      name = dup_source_name (session, node->source);
      g_string_append_printf (text, _("that of %s, found in %u steps"), name, node->n_steps);
      break;
    case UNCLIP_NOISE_BLEND:
      append_noise (text, node->a, session);
      g_string_append_printf (text, _(", by %.2f towards "), node->amount);
      append_noise (text, node->b, session);
      break;
    case UNCLIP_NOISE_BANDS:
      g_string_append (text, _("layout: "));
      append_noise (text, node->low, session);
      g_string_append (text, _("; detail: "));
      append_noise (text, node->high, session);
      break;
    }
}

char *
fugue_recipe_dup_embedding_text (UnclipRecipe *recipe,
                                 FugueSession *session)
{
  GString *text = g_string_new (NULL);

  append_embedding (text, unclip_recipe_get_embedding (recipe), session);
  return g_string_free (text, FALSE);
}

char *
fugue_recipe_dup_noise_text (UnclipRecipe *recipe,
                             FugueSession *session)
{
  GString *text = g_string_new (NULL);

  append_noise (text, unclip_recipe_get_noise (recipe), session);
  return g_string_free (text, FALSE);
}

static const char *
get_sampler_title (UnclipRecipeSamplerKind kind)
{
  switch (kind)
    {
    case UNCLIP_RECIPE_ANCESTRAL:
      return _("ancestral");
    case UNCLIP_RECIPE_DDIM:
      return _("DDIM");
    case UNCLIP_RECIPE_DPM_SOLVER:
      return _("DPM-Solver++");
    case UNCLIP_RECIPE_EXACT:
      return _("exact two-step");
    }
  g_return_val_if_reached ("");
}

/* ---- lines ---- */

static void
copy_cb (GtkButton  *button,
         const char *text)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (button)), text);
}

static GtkWidget *
copy_button_new (const char *title,
                 const char *text)
{
  GtkWidget *button = gtk_button_new_from_icon_name ("edit-copy-symbolic");
  g_autofree char *words = g_strdup_printf (_("Copy %s"), title);

  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (button, words);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
  g_signal_connect_data (button, "clicked", G_CALLBACK (copy_cb), g_strdup (text), (GClosureNotify) (void *) g_free, 0);
  return button;
}

/* @text: (transfer full) (nullable): no line without one */
static void
add_line (FugueDetails *self,
          const char   *title,
          char         *text)
{
  GtkWidget *row, *box, *texts, *name, *value;

  if (text == NULL || *text == '\0')
    {
      g_free (text);
      return;
    }

  row = gtk_list_box_row_new ();
  box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  name = g_object_new (GTK_TYPE_LABEL, "label", title, "xalign", 0.0, NULL);
  value = g_object_new (GTK_TYPE_LABEL, "label", text, "xalign", 0.0, "wrap", TRUE,
                        "wrap-mode", PANGO_WRAP_WORD_CHAR, "selectable", TRUE, NULL);
  gtk_widget_add_css_class (name, "dim-label");
  gtk_widget_add_css_class (name, "fugue-small");
  gtk_widget_set_hexpand (texts, TRUE);
  gtk_box_append (GTK_BOX (texts), name);
  gtk_box_append (GTK_BOX (texts), value);
  gtk_box_append (GTK_BOX (box), texts);
  gtk_box_append (GTK_BOX (box), copy_button_new (title, text));
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_widget_set_focusable (row, FALSE);
  gtk_list_box_append (self->lines, row);
  g_free (text);
}

static char *
dup_pretty (UnclipRecipe *recipe)
{
  g_autoptr (JsonNode) node = json_from_string (unclip_recipe_get_canonical (recipe), NULL);

  return json_to_string (node, TRUE);
}

static void
add_recipe (FugueDetails *self,
            UnclipRecipe *recipe)
{
  const UnclipRecipeSampler *sampler = unclip_recipe_get_sampler (recipe);

  add_line (self, _("Made from"), fugue_recipe_dup_embedding_text (recipe, self->session));
  add_line (self, _("Noise"), fugue_recipe_dup_noise_text (recipe, self->session));
  add_line (self, _("Caption"), g_strdup (unclip_recipe_get_caption (recipe)));
  add_line (self, _("Sampler"), g_strdup (get_sampler_title (sampler->kind)));
  add_line (self, _("Steps"), sampler->n_upsampler_steps > 0
                                ? g_strdup_printf (_("%u, and %u to enlarge"), sampler->n_steps, sampler->n_upsampler_steps)
                                : g_strdup_printf ("%u", sampler->n_steps));
  add_line (self, _("Guidance"), g_strdup_printf (_("%.1f ×"), sampler->guidance));
  if (sampler->kind == UNCLIP_RECIPE_DDIM)
    add_line (self, _("Chance"), g_strdup_printf ("%.2f", sampler->eta));
  add_line (self, _("Model"), g_strdup (unclip_recipe_get_model_name (recipe)));
  add_line (self, _("Hash of the model"), g_strdup (unclip_recipe_get_model_sha256 (recipe)));
  add_line (self, _("Hash of the recipe"), g_strdup (unclip_recipe_get_hash (recipe)));
}

static void
add_result (FugueDetails *self)
{
  g_autofree char *device = NULL;
  g_autofree char *precision = NULL;
  double seconds;
  double psnr = fugue_picture_get_psnr_db (self->picture);

  g_object_get (self->picture, "device", &device, "precision", &precision, "seconds", &seconds, NULL);
  if (!isnan (psnr))
    {
      add_line (self, _("Likeness to the source"), g_strdup_printf (_("%.1f dB"), psnr));
      add_line (self, _("Largest difference"),
                g_strdup_printf (_("%.0f of 255 levels"), fugue_picture_get_max_difference (self->picture)));
      add_line (self, _("Angle between embeddings"),
                g_strdup_printf (_("%.1f°"), fugue_picture_get_clip_degrees (self->picture)));
    }
  if (device != NULL && *device != '\0')
    add_line (self, _("Device"), g_strdup_printf ("%s, %s", device, precision));
  if (seconds > 0)
    add_line (self, _("Time of its batch"), fugue_format_duration (seconds));
  if (fugue_picture_get_created (self->picture) > 0)
    {
      g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (fugue_picture_get_created (self->picture) / G_USEC_PER_SEC);
      g_autoptr (GDateTime) local = g_date_time_to_local (utc);

      add_line (self, _("Made on"), g_date_time_format (local, "%x %X"));
    }
}

static void
update (FugueDetails *self)
{
  UnclipRecipe *recipe = self->picture != NULL ? fugue_picture_get_recipe (self->picture) : NULL;
  GtkWidget *row;

  while ((row = gtk_widget_get_first_child (GTK_WIDGET (self->lines))) != NULL)
    gtk_list_box_remove (self->lines, row);

  gtk_widget_set_visible (GTK_WIDGET (self->empty_label), self->picture == NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->lines), self->picture != NULL);
  gtk_widget_set_visible (self->raw_expander, recipe != NULL);
  if (self->picture == NULL)
    return;

  add_line (self, _("Picture"), fugue_picture_dup_description (self->picture));
  if (recipe != NULL)
    {
      g_autofree char *pretty = dup_pretty (recipe);

      add_recipe (self, recipe);
      gtk_text_buffer_set_text (self->raw, pretty, -1);
    }
  if (fugue_picture_get_state (self->picture) == FUGUE_PICTURE_FINISHED)
    add_result (self);
}

static void
picture_notify_cb (FuguePicture *picture,
                   GParamSpec   *pspec,
                   FugueDetails *self)
{
  static const char *const SHOWN[] = { "state", "mark", "rating", "error-message", "psnr-db", "clip-degrees", NULL };

  if (g_strv_contains (SHOWN, pspec->name))
    update (self);
}

static void
copy_all_cb (GtkButton    *button,
             FugueDetails *self)
{
  UnclipRecipe *recipe = self->picture != NULL ? fugue_picture_get_recipe (self->picture) : NULL;

  if (recipe != NULL)
    gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), unclip_recipe_get_canonical (recipe));
}

static GtkWidget *
raw_new (FugueDetails *self)
{
  GtkWidget *expander = gtk_expander_new (_("As JSON"));
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  GtkWidget *text = gtk_text_view_new ();
  GtkWidget *button = gtk_button_new_with_label (_("Copy the recipe"));

  gtk_text_view_set_editable (GTK_TEXT_VIEW (text), FALSE);
  gtk_text_view_set_monospace (GTK_TEXT_VIEW (text), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (text), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Recipe as JSON"), -1);
  self->raw = gtk_text_view_get_buffer (GTK_TEXT_VIEW (text));
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), text);
  gtk_widget_set_size_request (scrolled, -1, 240);
  gtk_widget_set_halign (button, GTK_ALIGN_START);
  g_signal_connect (button, "clicked", G_CALLBACK (copy_all_cb), self);
  gtk_box_append (GTK_BOX (box), scrolled);
  gtk_box_append (GTK_BOX (box), button);
  gtk_expander_set_child (GTK_EXPANDER (expander), box);
  return expander;
}

static void
fugue_details_dispose (GObject *object)
{
  FugueDetails *self = FUGUE_DETAILS (object);

  if (self->picture != NULL)
    g_signal_handlers_disconnect_by_func (self->picture, picture_notify_cb, self);
  g_clear_object (&self->picture);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (fugue_details_parent_class)->dispose (object);
}

static void
fugue_details_class_init (FugueDetailsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = fugue_details_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
fugue_details_init (FugueDetails *self)
{
  GtkWidget *title = g_object_new (GTK_TYPE_LABEL, "accessible-role", GTK_ACCESSIBLE_ROLE_HEADING,
                                   "label", _("Details"), "xalign", 0.0, "hexpand", TRUE, NULL);
  GtkWidget *close = gtk_button_new_from_icon_name ("window-close-symbolic");
  GtkWidget *header = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Details"), -1);

  gtk_widget_add_css_class (title, "fugue-pane-title");
  gtk_widget_add_css_class (close, "flat");
  gtk_widget_set_tooltip_text (close, _("Close the details"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (close), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Close the details"), -1);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (close), "win.details");
  gtk_box_append (GTK_BOX (header), title);
  gtk_box_append (GTK_BOX (header), close);
  gtk_box_append (GTK_BOX (self->box), header);

  self->empty_label = GTK_LABEL (gtk_label_new (_("Select a picture to see how it was made.")));
  gtk_label_set_wrap (self->empty_label, TRUE);
  gtk_widget_set_margin_top (GTK_WIDGET (self->empty_label), 24);
  self->lines = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_list_box_set_selection_mode (self->lines, GTK_SELECTION_NONE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->lines), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Recipe"), -1);
  self->raw_expander = raw_new (self);
  gtk_widget_add_css_class (GTK_WIDGET (self->lines), "fugue-details");
  gtk_widget_add_css_class (self->raw_expander, "fugue-bar");
  gtk_box_append (GTK_BOX (self->box), GTK_WIDGET (self->empty_label));
  gtk_box_append (GTK_BOX (self->box), GTK_WIDGET (self->lines));
  gtk_box_append (GTK_BOX (self->box), self->raw_expander);
}

GtkWidget *
fugue_details_new (FugueSession *session)
{
  FugueDetails *self = g_object_new (FUGUE_TYPE_DETAILS, NULL);

  self->session = g_object_ref (session);
  update (self);
  return GTK_WIDGET (self);
}

void
fugue_details_set_picture (FugueDetails *self,
                           FuguePicture *picture)
{
  g_return_if_fail (FUGUE_IS_DETAILS (self));

  if (picture == self->picture)
    return;

  if (self->picture != NULL)
    g_signal_handlers_disconnect_by_func (self->picture, picture_notify_cb, self);
  g_set_object (&self->picture, picture);
  if (picture != NULL)
    g_signal_connect (picture, "notify", G_CALLBACK (picture_notify_cb), self);
  update (self);
}
