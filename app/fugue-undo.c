/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A step is a list of changes: of what object, which property, from what to what. Undoing sets the old values, last change first. */

#include "config.h"

#include "fugue-undo.h"

#include "fugue-controls-private.h"
#include "fugue-session-private.h"
#include "unclip-json.h"

#include <glib/gi18n.h>
#include <json-glib/json-glib.h>
#include <string.h>

/* Changes of the same values within this belong to one drag. */
#define DRAG_US (G_USEC_PER_SEC)

/* A drag is written once. */
#define WRITE_DELAY_MS 300

#define SETTING "undo-position"

/* An object of the session: all of the controls, or one source or picture. */
typedef struct
{
  char   kind;                          /* c, s, p */
  gint64 id;
} Target;

typedef struct
{
  Target target;
  char  *property;
  GValue before;
  GValue after;
} Change;

typedef struct
{
  gint64     position;
  GPtrArray *changes;
} Step;

struct _FugueUndo
{
  GObject        parent_instance;

  FugueSession  *session;
  FugueControls *controls;
  GPtrArray     *steps;                 /* Step, oldest first */
  guint          n_done;                /* the others were undone */
  gint64         next_position;
  gboolean       is_applying;

  gboolean       is_open;               /* in this turn of the main loop, the last step grows */
  gboolean       is_ended;              /* the last step grows no more */
  gint64         last_time;
  guint          close_source;
  guint          write_source;
};

G_DEFINE_FINAL_TYPE (FugueUndo, fugue_undo, G_TYPE_OBJECT)

enum
{
  PROP_CAN_UNDO = 1,
  PROP_CAN_REDO,
  PROP_UNDO_LABEL,
  PROP_REDO_LABEL,
  N_PROPS,
};

static GParamSpec *props[N_PROPS];

/* Changes and steps. */

static void
change_free (gpointer data)
{
  Change *change = data;

  g_free (change->property);
  g_value_unset (&change->before);
  g_value_unset (&change->after);
  g_free (change);
}

static void
step_free (gpointer data)
{
  Step *step = data;

  g_ptr_array_unref (step->changes);
  g_free (step);
}

static Step *
step_new (gint64 position)
{
  Step *step = g_new (Step, 1);

  step->position = position;
  step->changes = g_ptr_array_new_with_free_func (change_free);
  return step;
}

static Step *
get_step (FugueUndo *undo, guint index)
{
  return g_ptr_array_index (undo->steps, index);
}

static Change *
find_change (Step *step, Target target, const char *property)
{
  for (guint i = 0; i < step->changes->len; i++)
    {
      Change *change = g_ptr_array_index (step->changes, i);

      if (change->target.kind == target.kind && change->target.id == target.id && g_str_equal (change->property, property))
        return change;
    }
  return NULL;
}

static Target
get_target (GObject *object)
{
  if (FUGUE_IS_SOURCE (object))
    return (Target){ 's', fugue_source_get_id (FUGUE_SOURCE (object)) };
  if (FUGUE_IS_PICTURE (object))
    return (Target){ 'p', fugue_picture_get_id (FUGUE_PICTURE (object)) };
  return (Target){ 'c', 0 };
}

static GObject *
find_object (FugueUndo *undo, Target target)
{
  switch (target.kind)
    {
    case 's':
      return (GObject *) fugue_session_find_source_by_id (undo->session, target.id);
    case 'p':
      return (GObject *) fugue_session_find_picture (undo->session, target.id);
    default:
      return G_OBJECT (undo->controls);
    }
}

/* JSON: { "changes": [{ "target": "p", "id": 3, "property": "mark", "before": 0, "after": 1 }, …] } */

static void
add_value (JsonBuilder *builder, const char *name, const GValue *value)
{
  json_builder_set_member_name (builder, name);
  if (G_VALUE_HOLDS_STRING (value))
    json_builder_add_string_value (builder, g_value_get_string (value) != NULL ? g_value_get_string (value) : "");
  else if (G_VALUE_HOLDS_DOUBLE (value))
    json_builder_add_double_value (builder, g_value_get_double (value));
  else if (G_VALUE_HOLDS_BOOLEAN (value))
    json_builder_add_int_value (builder, g_value_get_boolean (value));
  else if (G_VALUE_HOLDS_ENUM (value))
    json_builder_add_int_value (builder, g_value_get_enum (value));
  else if (G_VALUE_HOLDS_INT64 (value))
    json_builder_add_int_value (builder, g_value_get_int64 (value));
  else
    json_builder_add_int_value (builder, g_value_get_uint (value));
}

static char *
dup_json (Step *step)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode)    root = NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "changes");
  json_builder_begin_array (builder);
  for (guint i = 0; i < step->changes->len; i++)
    {
      Change *change = g_ptr_array_index (step->changes, i);
      char    kind[] = { change->target.kind, '\0' };

      json_builder_begin_object (builder);
      json_builder_set_member_name (builder, "target");
      json_builder_add_string_value (builder, kind);
      json_builder_set_member_name (builder, "id");
      json_builder_add_int_value (builder, change->target.id);
      json_builder_set_member_name (builder, "property");
      json_builder_add_string_value (builder, change->property);
      add_value (builder, "before", &change->before);
      add_value (builder, "after", &change->after);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  return json_to_string (root, FALSE);
}

static gboolean
read_value (JsonObject *object, const char *name, GType type, GValue *value)
{
  JsonNode *node = json_object_get_member (object, name);
  GType     fundamental = G_TYPE_FUNDAMENTAL (type);
  GType     stored = node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_INVALID;

  if ((fundamental == G_TYPE_STRING) != (stored == G_TYPE_STRING)
      || (stored != G_TYPE_STRING && stored != G_TYPE_INT64 && stored != G_TYPE_DOUBLE))
    return FALSE;
  g_value_init (value, type);
  switch (fundamental)
    {
    case G_TYPE_STRING:
      g_value_set_string (value, json_node_get_string (node));
      return TRUE;
    case G_TYPE_DOUBLE:
      g_value_set_double (value, json_node_get_double (node));
      return TRUE;
    case G_TYPE_BOOLEAN:
      g_value_set_boolean (value, json_node_get_int (node) != 0);
      return TRUE;
    case G_TYPE_ENUM:
      g_value_set_enum (value, (int) json_node_get_int (node));
      return TRUE;
    case G_TYPE_INT64:
      g_value_set_int64 (value, json_node_get_int (node));
      return TRUE;
    case G_TYPE_UINT:
      g_value_set_uint (value, (guint) json_node_get_int (node));
      return TRUE;
    default:
      g_value_unset (value);
      return FALSE;
    }
}

/* A change of an object that is gone, or of a value that this version does not have, is left out. */
static void
read_change (FugueUndo *undo, Step *step, JsonObject *object)
{
  const char *kind = json_object_get_string_member_with_default (object, "target", "");
  const char *property = json_object_get_string_member_with_default (object, "property", "");
  Target      target = { kind[0], json_object_get_int_member_with_default (object, "id", 0) };
  GObject    *found = strlen (kind) == 1 ? find_object (undo, target) : NULL;
  GParamSpec *pspec = found != NULL ? g_object_class_find_property (G_OBJECT_GET_CLASS (found), property) : NULL;
  Change     *change;

  if (pspec == NULL)
    return;
  change = g_new0 (Change, 1);
  change->target = target;
  change->property = g_strdup (property);
  if (read_value (object, "before", pspec->value_type, &change->before) && read_value (object, "after", pspec->value_type, &change->after))
    g_ptr_array_add (step->changes, change);
  else
    {
      if (G_IS_VALUE (&change->before))
        g_value_unset (&change->before);
      g_free (change->property);
      g_free (change);
    }
}

static void
read_step (FugueUndo *undo, const FugueStoredStep *stored)
{
  g_autoptr (JsonNode) root = unclip_json_parse (stored->step, strlen (stored->step), NULL);
  JsonObject          *object = root != NULL && JSON_NODE_HOLDS_OBJECT (root) ? json_node_get_object (root) : NULL;
  JsonNode            *changes = object != NULL ? json_object_get_member (object, "changes") : NULL;
  JsonArray           *array = changes != NULL && JSON_NODE_HOLDS_ARRAY (changes) ? json_node_get_array (changes) : NULL;
  Step                *step = step_new (stored->position);

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    if (JSON_NODE_HOLDS_OBJECT (json_array_get_element (array, i)))
      read_change (undo, step, json_array_get_object_element (array, i));
  g_ptr_array_add (undo->steps, step);
  undo->next_position = stored->position + 1;
}

/* Keeping. */

static void
write_position (FugueUndo *undo)
{
  gint64           position = undo->n_done > 0 ? get_step (undo, undo->n_done - 1)->position : 0;
  g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, position);

  fugue_session_set_setting (undo->session, SETTING, text);
}

static void
write_last (FugueUndo *undo)
{
  g_clear_handle_id (&undo->write_source, g_source_remove);
  if (undo->n_done > 0)
    {
      Step            *step = get_step (undo, undo->n_done - 1);
      g_autofree char *json = dup_json (step);

      fugue_session_store_undo (undo->session, step->position, json);
    }
  write_position (undo);
}

static gboolean
write_cb (gpointer user_data)
{
  FugueUndo *undo = user_data;

  undo->write_source = 0;
  write_last (undo);
  return G_SOURCE_REMOVE;
}

static void
notify_all (FugueUndo *undo)
{
  for (guint i = 1; i < N_PROPS; i++)
    g_object_notify_by_pspec (G_OBJECT (undo), props[i]);
}

/* Recording. */

static gboolean
close_cb (gpointer user_data)
{
  FugueUndo *undo = user_data;

  undo->close_source = 0;
  undo->is_open = FALSE;
  return G_SOURCE_REMOVE;
}

static void
forget_undone (FugueUndo *undo)
{
  if (undo->n_done == undo->steps->len)
    return;
  fugue_session_forget_undo (undo->session, get_step (undo, undo->n_done)->position, G_MAXINT64);
  g_ptr_array_set_size (undo->steps, (int) undo->n_done);
}

static void
begin_step (FugueUndo *undo)
{
  /* What was dragged until now is over. */
  if (undo->write_source != 0)
    write_last (undo);
  forget_undone (undo);
  if (undo->steps->len == FUGUE_UNDO_DEPTH)
    {
      fugue_session_forget_undo (undo->session, 0, get_step (undo, 0)->position);
      g_ptr_array_remove_index (undo->steps, 0);
    }
  g_ptr_array_add (undo->steps, step_new (undo->next_position++));
  undo->n_done = undo->steps->len;
}

/* Whether a change goes on with the last step. */
static gboolean
goes_on (FugueUndo *undo, Target target, const char *property)
{
  if (undo->n_done == 0 || undo->n_done < undo->steps->len)
    return FALSE;
  if (undo->is_open)
    return TRUE;
  return !undo->is_ended && g_get_monotonic_time () - undo->last_time < DRAG_US
         && find_change (get_step (undo, undo->n_done - 1), target, property) != NULL;
}

static void
record (FugueUndo *undo, GObject *object, const char *property, const GValue *before)
{
  Target  target = get_target (object);
  Change *change;
  Step   *step;

  if (undo->is_applying)
    return;
  if (!goes_on (undo, target, property))
    begin_step (undo);
  step = get_step (undo, undo->n_done - 1);
  change = find_change (step, target, property);
  if (change == NULL)
    {
      change = g_new0 (Change, 1);
      change->target = target;
      change->property = g_strdup (property);
      g_value_init (&change->before, G_VALUE_TYPE (before));
      g_value_copy (before, &change->before);
      g_value_init (&change->after, G_VALUE_TYPE (before));
      g_ptr_array_add (step->changes, change);
    }
  g_object_get_property (object, property, &change->after);
  undo->is_open = TRUE;
  undo->is_ended = FALSE;
  undo->last_time = g_get_monotonic_time ();
  if (undo->close_source == 0)
    undo->close_source = g_idle_add_full (G_PRIORITY_DEFAULT, close_cb, undo, NULL);
  if (undo->write_source == 0)
    undo->write_source = g_timeout_add (WRITE_DELAY_MS, write_cb, undo);
  notify_all (undo);
}

static void
session_edited (FugueSession *session, GObject *object, const char *property, const GValue *before, FugueUndo *undo)
{
  record (undo, object, property, before);
}

static void
controls_edited (FugueControls *controls, const char *property, const GValue *before, FugueUndo *undo)
{
  record (undo, G_OBJECT (controls), property, before);
}

void
fugue_undo_end_step (FugueUndo *undo)
{
  g_return_if_fail (FUGUE_IS_UNDO (undo));

  undo->is_open = FALSE;
  undo->is_ended = TRUE;
}

/* Going back and forth. */

static void
apply (FugueUndo *undo, const Change *change, const GValue *value)
{
  GObject *object = find_object (undo, change->target);

  if (object == NULL)
    return;
  if (FUGUE_IS_CONTROLS (object))
    fugue_controls_restore (FUGUE_CONTROLS (object), change->property, value);
  else if (g_str_equal (change->property, "slot"))
    fugue_source_set_slot (FUGUE_SOURCE (object), g_value_get_enum (value));
  else
    g_object_set_property (object, change->property, value);
}

gboolean
fugue_undo_undo (FugueUndo *undo)
{
  Step *step;

  g_return_val_if_fail (FUGUE_IS_UNDO (undo), FALSE);

  if (undo->n_done == 0)
    return FALSE;
  if (undo->write_source != 0)
    write_last (undo);
  step = get_step (undo, --undo->n_done);
  undo->is_applying = TRUE;
  for (guint i = step->changes->len; i > 0; i--)
    {
      Change *change = g_ptr_array_index (step->changes, i - 1);

      apply (undo, change, &change->before);
    }
  undo->is_applying = FALSE;
  fugue_undo_end_step (undo);
  write_position (undo);
  notify_all (undo);
  return TRUE;
}

gboolean
fugue_undo_redo (FugueUndo *undo)
{
  Step *step;

  g_return_val_if_fail (FUGUE_IS_UNDO (undo), FALSE);

  if (undo->n_done == undo->steps->len)
    return FALSE;
  step = get_step (undo, undo->n_done++);
  undo->is_applying = TRUE;
  for (guint i = 0; i < step->changes->len; i++)
    {
      Change *change = g_ptr_array_index (step->changes, i);

      apply (undo, change, &change->after);
    }
  undo->is_applying = FALSE;
  fugue_undo_end_step (undo);
  write_position (undo);
  notify_all (undo);
  return TRUE;
}

gboolean
fugue_undo_can_undo (FugueUndo *undo)
{
  return undo->n_done > 0;
}

gboolean
fugue_undo_can_redo (FugueUndo *undo)
{
  return undo->n_done < undo->steps->len;
}

static const char *
get_label (Step *step)
{
  static const struct
  {
    const char *property;
    const char *label;
  } labels[] = {
    { "mark", N_ ("Mark") },        { "rating", N_ ("Rating") },  { "slot", N_ ("Sources") },     { "crop", N_ ("Crop") },
    { "is-locked", N_ ("Lock") },   { "is-muted", N_ ("Mute") },  { "name", N_ ("Name") },        { "pad-x", N_ ("Mix") },
    { "pad-y", N_ ("Mix") },        { "weight-a", N_ ("Mix") },   { "weight-b", N_ ("Mix") },     { "weight-c", N_ ("Mix") },
    { "weight-d", N_ ("Mix") },     { "amount", N_ ("Amount") },  { "how-far", N_ ("How far") },  { "seed", N_ ("Seed") },
    { "place", N_ ("Re-roll") },
  };
  Change *first;

  if (step->changes->len == 0)
    return "";
  first = g_ptr_array_index (step->changes, 0);
  for (guint i = 0; i < G_N_ELEMENTS (labels); i++)
    if (g_str_equal (first->property, labels[i].property))
      return _ (labels[i].label);
  return _ ("Settings");
}

const char *
fugue_undo_get_undo_label (FugueUndo *undo)
{
  return undo->n_done > 0 ? get_label (get_step (undo, undo->n_done - 1)) : "";
}

const char *
fugue_undo_get_redo_label (FugueUndo *undo)
{
  return undo->n_done < undo->steps->len ? get_label (get_step (undo, undo->n_done)) : "";
}

/* The class. */

static void
fugue_undo_get_property (GObject *object, guint prop, GValue *value, GParamSpec *pspec)
{
  FugueUndo *undo = FUGUE_UNDO (object);

  switch (prop)
    {
    case PROP_CAN_UNDO:
      g_value_set_boolean (value, fugue_undo_can_undo (undo));
      break;
    case PROP_CAN_REDO:
      g_value_set_boolean (value, fugue_undo_can_redo (undo));
      break;
    case PROP_UNDO_LABEL:
      g_value_set_string (value, fugue_undo_get_undo_label (undo));
      break;
    case PROP_REDO_LABEL:
      g_value_set_string (value, fugue_undo_get_redo_label (undo));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop, pspec);
    }
}

static void
fugue_undo_dispose (GObject *object)
{
  FugueUndo *undo = FUGUE_UNDO (object);

  if (undo->write_source != 0)
    write_last (undo);
  g_clear_handle_id (&undo->close_source, g_source_remove);
  g_clear_object (&undo->session);
  g_clear_object (&undo->controls);
  G_OBJECT_CLASS (fugue_undo_parent_class)->dispose (object);
}

static void
fugue_undo_finalize (GObject *object)
{
  g_ptr_array_unref (FUGUE_UNDO (object)->steps);
  G_OBJECT_CLASS (fugue_undo_parent_class)->finalize (object);
}

static void
fugue_undo_class_init (FugueUndoClass *klass)
{
  GObjectClass     *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags read = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = fugue_undo_get_property;
  object_class->dispose = fugue_undo_dispose;
  object_class->finalize = fugue_undo_finalize;

  props[PROP_CAN_UNDO] = g_param_spec_boolean ("can-undo", NULL, NULL, FALSE, read);
  props[PROP_CAN_REDO] = g_param_spec_boolean ("can-redo", NULL, NULL, FALSE, read);
  props[PROP_UNDO_LABEL] = g_param_spec_string ("undo-label", NULL, NULL, "", read);
  props[PROP_REDO_LABEL] = g_param_spec_string ("redo-label", NULL, NULL, "", read);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
fugue_undo_init (FugueUndo *undo)
{
  undo->steps = g_ptr_array_new_with_free_func (step_free);
  undo->next_position = 1;
}

FugueUndo *
fugue_undo_new (FugueSession *session, FugueControls *controls)
{
  FugueUndo            *undo = g_object_new (FUGUE_TYPE_UNDO, NULL);
  g_autoptr (GPtrArray) stored = NULL;
  const char           *position;

  g_return_val_if_fail (FUGUE_IS_SESSION (session), NULL);
  g_return_val_if_fail (FUGUE_IS_CONTROLS (controls), NULL);

  undo->session = g_object_ref (session);
  undo->controls = g_object_ref (controls);
  stored = fugue_session_take_undo (session);
  for (guint i = 0; i < stored->len; i++)
    read_step (undo, g_ptr_array_index (stored, i));
  position = fugue_session_get_setting (session, SETTING);
  while (position != NULL && undo->n_done < undo->steps->len
         && get_step (undo, undo->n_done)->position <= g_ascii_strtoll (position, NULL, 10))
    undo->n_done++;
  g_signal_connect_object (session, "edited", G_CALLBACK (session_edited), undo, 0);
  g_signal_connect_object (controls, "edited", G_CALLBACK (controls_edited), undo, 0);
  return undo;
}
