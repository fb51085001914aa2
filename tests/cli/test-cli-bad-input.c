/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What people and files get wrong. Each ends with exit 1 or 2 and one sentence that names the thing, and leaves nothing
 * behind. Cases that never reach the device run everywhere.
 */

#include "config.h"

#include "cli-run.h"
#include "test-device.h"
#include "test-png.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

typedef struct
{
  const char *path;             /* of the test */
  const char *arguments;        /* see cli_place_expand() */
  int         status;
  const char *says;             /* part of the message; alternatives by “|” */
  gboolean    needs_device;
} BadCase;

/* Short runs of the decoder. */
#define QUICK " --steps 2 --upsampler-steps 2 -n 1 -o @out"

static const BadCase cases[] = {
  /* The command line */
  { "verb/none", "", 2, "Usage" },
  { "verb/unknown", "wary @picture", 2, "wary" },
  { "verb/vary/unknown-option", "vary @picture --wibble", 2, "--wibble" },
  { "verb/vary/no-picture", "vary --model @model", 2, "PICTURE" },
  { "verb/info/two", "info @model @picture", 2, "usage" },
  { "verb/eval/one", "eval @model/decoder", 2, "usage" },
  { "verb/sample/no-noise", "sample @model --caption x", 2, "--noise" },
  { "verb/sample/neither", "sample @model --noise @picture", 2, "--caption" },
  { "verb/sample/both", "sample @model --noise @picture --caption x --picture @picture", 2, "either" },
  { "verb/bench/two", "bench --ops --picture", 2, "one of" },
  { "verb/bench/negative", "bench --net decoder --batch -3", 2, "--batch" },
  { "number/n/zero", "vary @picture --model @model -n 0 -o @out", 2, "-n is 0" },
  { "number/n/negative", "vary @picture --model @model -n -5 -o @out", 2, "-5" },
  { "number/n/word", "vary @picture --model @model -n abc -o @out", 2, "abc" },
  { "number/n/huge", "vary @picture --model @model -n 99999999999 -o @out", 2, "99999999999" },
  { "number/n/too-many", "vary @picture --model @model -n 10001 -o @out", 2, "10001" },
  { "number/seed/negative", "vary @picture --model @model --seed -3 -o @out", 2, "--seed is -3" },
  { "number/seed/too-large", "vary @picture --model @model --seed 9007199254740992 -o @out", 2, "--seed" },
  { "number/batch/zero", "vary @picture --model @model --batch 0 -o @out", 2, "--batch" },
  { "number/preview-every/zero", "vary @picture --model @model --preview-every 0 -o @out", 2, "--preview-every" },
  { "number/precision", "vary @picture --model @model --precision f8 -o @out", 2, "f8" },
  { "number/sampler", "vary @picture --model @model --sampler euler -o @out", 2, "euler" },
  { "number/eta/ancestral", "vary @picture --model @model --sampler ancestral --eta 0.5 -o @out", 2, "--eta" },
  { "number/quality", "vary @picture --model @model --quality best -o @out", 2, "best" },
  { "number/eta/exact", "vary @picture --model @model --sampler exact --eta 0.5 -o @out", 2, "--eta" },
  { "lock/ancestral", "vary @picture --model @model --lock --sampler ancestral -o @out", 2, "--lock" },
  { "lock/caption", "imagine boat --model @imagine_model --lock" QUICK, 2, "--lock", TRUE },
  { "lock/mix-with-caption", "mix @picture --caption boat --model @imagine_model --image-encoder @model --lock" QUICK, 2, "--lock", TRUE },
  { "invert/method", "invert @picture --method guess --model @model -o @out", 2, "guess" },
  { "invert/sampler", "invert @picture --sampler ddim --model @model -o @out", 2, "--sampler" },
  { "invert/number", "invert @picture -n 2 --model @model -o @out", 2, "-n" },
  { "invert/no-picture", "invert --model @model -o @out", 2, "usage" },
  { "invert/steps/one", "invert @picture --steps 1 --model @model -o @out", 2, "steps", TRUE },
  { "invert/steps/too-many", "invert @picture --steps 990 --model @model -o @out", 2, "980", TRUE },
  { "invert/rounds", "invert @picture --method fixed-point --rounds 0 --model @model -o @out", 2, "rounds", TRUE },
  { "invert/tolerance", "invert @picture --method fixed-point --tolerance nan --model @model -o @out", 2, "tolerance", TRUE },
  { "invert/steps/minus-one", "invert @picture --steps -1 --model @model -o @out", 2, "--steps is -1" },
  { "invert/first-timestep/negative", "invert @picture --first-timestep -5 --model @model -o @out", 2, "--first-timestep is -5" },
  { "invert/first-timestep", "invert @picture --first-timestep 1000 --model @model -o @out", 2, "timestep", TRUE },
  { "number/steps/one", "vary @picture --model @model --steps 1 -o @out", 2, "steps", TRUE },
  { "number/steps/zero", "vary @picture --model @model --steps 0 -o @out", 2, "steps", TRUE },
  { "number/steps/negative", "vary @picture --model @model --steps -7 -o @out", 2, "steps", TRUE },
  { "number/steps/huge", "vary @picture --model @model --steps 100000 -o @out", 2, "steps", TRUE },
  { "number/steps/minus-one", "vary @picture --model @model --steps -1 -o @out", 2, "--steps is -1, but must be 2 … 1000" },
  { "number/seed/minus-one", "vary @picture --model @model --seed -1 -o @out", 2, "--seed is -1" },
  { "number/guidance/minus-one", "vary @picture --model @model --guidance -1 -o @out", 2, "--guidance is -1, but must be 0 … 100" },
  { "number/eta/minus-one", "vary @picture --model @model --eta -1 -o @out", 2, "--eta is -1, but must be 0 … 1" },
  { "number/upsampler-steps/minus-one", "vary @picture --model @model --upsampler-steps -1 -o @out", 2, "0 or 2 … 1000" },
  { "number/upsampler-steps/one", "vary @picture --model @model --upsampler-steps 1 -o @out", 2, "upsampler", TRUE },
  { "number/upsampler-steps/negative", "vary @picture --model @model --upsampler-steps -2 -o @out", 2, "upsampler", TRUE },
  { "number/guidance/nan", "vary @picture --model @model --guidance nan -o @out", 2, "guidance", TRUE },
  { "number/guidance/infinite", "vary @picture --model @model --guidance inf -o @out", 2, "guidance", TRUE },
  { "number/guidance/huge", "vary @picture --model @model --guidance 1e30 -o @out", 2, "guidance", TRUE },
  { "number/eta/two", "vary @picture --model @model --eta 2 -o @out", 2, "eta", TRUE },
  { "number/eta/negative", "vary @picture --model @model --eta -0.5 -o @out", 2, "eta", TRUE },
  { "number/eta/nan", "vary @picture --model @model --eta nan -o @out", 2, "eta", TRUE },
  { "number/best-of/zero", "imagine boat --model @imagine_model --best-of 0 -o @out", 2, "best_of|best-of", TRUE },
  { "number/prior-steps/minus-one", "imagine boat --model @imagine_model --prior-steps -1 -o @out", 2, "--prior-steps is -1" },
  { "number/prior-guidance/minus-one", "imagine boat --model @imagine_model --prior-guidance -1 -o @out", 2, "--prior-guidance is -1" },
  { "number/best-of/negative", "imagine boat --model @imagine_model --best-of -3 -o @out", 2, "--best-of is -3" },
  { "number/bench/batch", "bench --net decoder --batch 0 --model @model", 2, "--batch is 0, but must be 1 … 256" },
  { "number/bench/runs", "bench --runs 0", 2, "--runs is 0, but must be 1 … 10000" },
  { "number/sample/steps", "sample @model --picture @picture --noise @picture --steps -1", 2, "--steps is -1, but must be 2 … 1000" },
  { "number/sample/guidance", "sample @model --picture @picture --noise @picture --guidance -1", 2, "--guidance is -1, but must be 0 … 100" },
  { "number/prior-steps/one", "imagine boat --model @imagine_model --prior-steps 1 -o @out", 2, "steps", TRUE },
  { "number/bench/net", "bench --model @model --net wibble", 2, "wibble", TRUE },

  /* Edits */
  { "vary/loosen/two", "vary @picture --loosen 2 --model @model" QUICK, 2, "looseness", TRUE },
  { "vary/loosen/negative", "vary @picture --loosen=-0.1 --model @model" QUICK, 2, "looseness", TRUE },
  { "vary/loosen/nan", "vary @picture --loosen nan --model @model" QUICK, 2, "looseness", TRUE },
  { "vary/loosen/no-axes", "vary @picture --loosen 0.5 --model @model" QUICK, 1, "embedding_axes.safetensors", TRUE },
  { "vary/how-far/101", "vary @picture --how-far 101 --model @model -o @out", 2, "0 … 100" },
  { "vary/how-far/nan", "vary @picture --how-far nan --model @model -o @out", 2, "0 … 100" },
  { "vary/how-far/word", "vary @picture --how-far away --model @model -o @out", 2, "away" },
  { "vary/how-far/loosen", "vary @picture --how-far 10 --loosen 0.1 --model @model -o @out", 2, "--loosen" },
  { "vary/how-far/eta", "vary @picture --how-far 10 --eta 0.1 --model @model -o @out", 2, "--eta" },
  { "vary/how-far/sampler", "vary @picture --how-far 10 --sampler ancestral --model @model -o @out", 2, "--sampler" },
  { "diff/no-caption", "diff @picture --model @model -o @out", 2, "--to" },
  { "diff/animate-two-pictures", "diff @picture @picture --to boat --strip 0:1:2 --animate --model @model -o @out", 2, "--animate" },
  { "vary/layout-detail", "vary @picture --layout-detail 101 --model @model -o @out", 2, "-100 … 100" },
  { "vary/layout-detail/nan", "vary @picture --layout-detail nan --model @model -o @out", 2, "-100 … 100" },
  { "vary/layout-detail/ancestral", "vary @picture --layout-detail 9 --sampler ancestral --model @model -o @out", 2, "ddim" },
  { "vary/freeu/three", "vary @picture --freeu 1,1,1 --model @model -o @out", 2, "four numbers" },
  { "vary/freeu/word", "vary @picture --freeu 1,1,x,1 --model @model -o @out", 2, "four numbers" },
  { "vary/freeu/nan", "vary @picture --freeu 1,1,nan,1 --model @model -o @out", 2, "four numbers" },
  { "vary/freeu/range", "vary @picture --freeu 1,1,1,5 --model @model" QUICK, 2, "s2", TRUE },
  { "run/shard/word", "run @picture --shard one --model @model -o @out", 2, "I/N" },
  { "run/shard/none", "run @picture --shard 0/2 --model @model -o @out", 2, "I/N" },
  { "run/shard/beyond", "run @picture --shard 3/2 --model @model -o @out", 2, "I/N" },
  { "run/no-recipe", "run @picture --model @model -o @out", 1, "no recipe" },
  { "prove/tolerance", "prove @picture --tolerance 0 --model @model", 2, "above 0" },
  { "diff/amount-and-strip", "diff @picture --to boat --amount 0.1 --strip 0:1:3 --model @model -o @out", 2, "either" },
  { "diff/amount/word", "diff @picture --to boat --amount far --model @model -o @out", 2, "far" },
  { "diff/amount/two", "diff @picture --to boat --amount 2 --model @model" QUICK, 2, "text difference", TRUE },
  { "diff/amount/nan", "diff @picture --to boat --amount nan --model @model" QUICK, 2, "text difference", TRUE },
  { "diff/strip/two-numbers", "diff @picture --to boat --strip 0:1 --model @model -o @out", 2, "FIRST:LAST:COUNT" },
  { "diff/strip/word", "diff @picture --to boat --strip 0:x:3 --model @model -o @out", 2, "FIRST:LAST:COUNT" },
  { "diff/strip/nan", "diff @picture --to boat --strip 0:nan:3 --model @model -o @out", 2, "FIRST:LAST:COUNT" },
  { "diff/strip/one-frame", "diff @picture --to boat --strip 0:1:1 --model @model -o @out", 2, "2 … 101" },
  { "diff/strip/half-a-frame", "diff @picture --to boat --strip 0:1:2.5 --model @model -o @out", 2, "2 … 101" },
  { "diff/strip/too-many", "diff @picture --to boat --strip 0:1:1e9 --model @model -o @out", 2, "2 … 101" },
  { "diff/strip/beyond", "diff @picture --to boat --strip 0:3:3 --model @model" QUICK, 2, "text difference", TRUE },
  { "diff/strip/number", "diff @picture --to boat --strip 0:1:3 -n 2 --model @model -o @out", 2, "-n" },
  { "diff/animate-nothing", "diff @picture --to boat --animate --model @model -o @out", 2, "--strip" },
  { "diff/same-captions", "diff @picture --from boat --to boat --model @model" QUICK, 1, "“boat” to “boat”", TRUE },
  { "diff/not-utf8", "diff @picture --to 'boat \xff\xfe' --model @model -o @out", 2, "UTF-8" },
  { "mix/nothing", "mix --model @model -o @out", 2, "0 were given" },
  { "mix/nine", "mix 1 2 3 4 5 6 7 8 9 --model @model -o @out", 2, "9 were given" },
  { "mix/weights-and-pad", "mix @picture @picture --weights 1,2 --pad 0,0 --model @model -o @out", 2, "only one" },
  { "mix/weights/three", "mix @picture @picture --weights 1,2,3 --model @model -o @out", 2, "2 numbers" },
  { "mix/weights/word", "mix @picture @picture --weights 1,much --model @model -o @out", 2, "2 numbers" },
  { "mix/weights/infinite", "mix @picture @picture --weights 1,inf --model @model -o @out", 2, "2 numbers" },
  { "mix/weights/zero", "mix @picture @picture --weights 0,0 --model @model -o @out", 2, "weights of the mix are 0" },
  { "mix/weights/negative", "mix @picture @picture --weights=-1,-1 --model @model -o @out", 2, "outweigh" },
  { "mix/weights/huge", "mix @picture @picture --weights 1e9,1 --model @model" QUICK, 2, "weight", TRUE },
  { "mix/pad/one-number", "mix @picture @picture --pad 0.5 --model @model -o @out", 2, "X,Y" },
  { "mix/pad/far-out", "mix @picture @picture --pad 2,0 --model @model -o @out", 2, "1.25" },
  { "mix/pad/one-picture", "mix @picture --pad 0,0 --model @model -o @out", 2, "corners" },
  { "mix/pad/five", "mix @picture @picture @picture @picture @picture --pad 0,0 --model @model -o @out", 2, "corners" },
  { "mix/grid/one", "mix @picture @picture --grid 1 --model @model -o @out", 2, "--grid" },
  { "mix/grid/huge", "mix @picture @picture --grid 16 --model @model -o @out", 2, "--grid" },
  { "mix/grid/number", "mix @picture @picture --grid 3 -n 2 --model @model -o @out", 2, "-n" },
  { "mix/animate-nothing", "mix @picture @picture --animate --model @model -o @out", 2, "--grid" },
  { "mix/animate-three", "mix @picture @picture @picture --grid 3 --animate --model @model -o @out", 2, "two pictures" },
  { "mix/lock-on/none", "mix @picture --caption boat --lock-on 2 --model @model -o @out", 2, "1 … 1" },
  { "mix/lock-on/zero", "mix @picture --lock-on 0 --model @model -o @out", 2, "--lock-on is 0" },
  { "mix/grid/zero", "mix @picture @picture --grid 0 --model @model -o @out", 2, "--grid is 0" },
  { "mix/lock-on/negative", "mix @picture --lock-on -1 --model @model -o @out", 2, "--lock-on" },
  { "mix/blend", "mix @picture @picture --blend cubic --model @model -o @out", 2, "cubic" },
  { "mix/no-prior", "mix @picture --caption boat --model @model" QUICK, 1, "prior", TRUE },
  { "mix/missing", "mix @picture @folder/nothing.png --model @model" QUICK, 1, "nothing.png", TRUE },

  /* Pictures */
  { "picture/missing", "vary @folder/nothing.png --model @model" QUICK, 1, "nothing.png", TRUE },
  { "picture/text", "vary @folder/text.png --model @model" QUICK, 1, "text.png", TRUE },
  { "picture/empty", "vary @folder/empty.png --model @model" QUICK, 1, "empty.png", TRUE },
  { "picture/truncated", "vary @folder/truncated.png --model @model" QUICK, 1, "truncated.png", TRUE },
  { "picture/header-of-30000", "vary @folder/vast.png --model @model" QUICK, 1, "30000", TRUE },
  { "picture/folder", "vary @model --model @model" QUICK, 1, "model", TRUE },
  { "picture/one-of-two", "vary @picture @folder/text.png --model @model" QUICK, 1, "text.png", TRUE },

  /* Captions */
  { "caption/not-utf8", "imagine 'boat \xff\xfe' --model @imagine_model -o @out", 2, "UTF-8" },
  { "caption/option-not-utf8", "sample @imagine_model --noise @picture --caption 'boat \xff\xfe' -o @out", 2, "UTF-8" },
  { "caption/no-prior", "imagine boat --model @model" QUICK, 1, "prior", TRUE },
  { "caption/no-encoder", "vary @picture --model @imagine_model" QUICK, 1, "image_encoder|feature_extractor", TRUE },

  /* Models */
  { "model/missing", "vary @picture --model @folder/nothing" QUICK, 1, "nothing" },
  { "model/repository", "vary @picture --model nobody/nothing-of-that-name" QUICK, 1, "nobody/nothing-of-that-name" },
  { "model/file", "vary @picture --model @picture" QUICK, 1, "single file" },
  { "model/no-index", "vary @picture --model @out" QUICK, 1, "model_index.json" },
  { "model/stable-diffusion", "vary @picture --model @folder/sd" QUICK, 1, "StableDiffusionPipeline" },
  { "model/bad-index", "vary @picture --model @folder/bad-index" QUICK, 1, "model_index.json" },
  { "model/no-folder-of-component", "vary @picture --model @folder/no-text-proj" QUICK, 1, "text_proj" },
  { "model/wrong-class", "vary @picture --model @folder/wrong-class" QUICK, 1, "decoder" },
  { "model/nan", "vary @picture --model @folder/nan" QUICK, 1, "NaN|finite|infinity", TRUE },
  { "model/truncated", "vary @picture --model @folder/cut" QUICK, 1, "decoder", TRUE },
  { "model/overlapping", "vary @picture --model @folder/overlap" QUICK, 1, "overlap|bytes", TRUE },
  { "model/huge-header", "vary @picture --model @folder/header" QUICK, 1, "decoder", TRUE },
  { "model/no-weights", "vary @picture --model @folder/no-weights" QUICK, 1, "decoder", TRUE },
  { "model/device", "vary @picture --model @model --device wibble" QUICK, 1, "wibble", TRUE },

  /* Places */
  { "output/file", "vary @picture --model @model -n 1 -o @picture", 1, "picture-0.png" },
  { "output/previews-file", "vary @picture --model @model -n 1 -o @out --previews @picture", 1, "picture-0.png" },

  /* The other verbs */
  { "info/no-recipe", "info @picture", 1, "no recipe" },
  { "info/text", "info @folder/text.png", 1, "text.png" },
  { "info/missing", "info @folder/nothing", 1, "nothing" },
  { "info/cut", "info @folder/cut", 1, "decoder" },
  { "eval/whole-model", "eval @model @folder/x @out/y", 2, "component" },
  { "eval/no-component", "eval @model/wibble @folder/x @out/y", 1, "wibble" },
  { "eval/no-input", "eval @model/decoder @folder/nothing @out/y", 1, "nothing", TRUE },
  { "eval/not-safetensors", "eval @model/decoder @picture @out/y", 1, "picture-0.png", TRUE },
  { "eval/wrong-inputs", "eval @model/decoder @model/text_proj/diffusion_pytorch_model.safetensors @out/y", 1, "sample", TRUE },
  { "eval/no-place", "eval @model/decoder @model/../guided/noise.safetensors @folder/nothing/y", 1, "", TRUE },
  { "sample/lacks-noise", "sample @model --picture @picture --noise @model/text_proj/diffusion_pytorch_model.safetensors -o @out", 1, "decoder_latents", TRUE },
  { "sample/wrong-number", "sample @model --picture @picture --noise @model/../guided/noise.safetensors --steps 5 --upsampler-steps 4 -o @out", 1, "decoder_latents", TRUE },
  { "sample/too-many-steps", "sample @model --picture @picture --images-per-prompt 2 --noise @model/../guided/noise.safetensors --steps 50 -o @out", 1, "decoder_noise.4", TRUE },
};

static void
write_file (const CliPlace *place, const char *name, const void *data, gsize n)
{
  g_autofree char   *path = g_build_filename (place->folder, name, NULL);
  g_autofree char   *parent = g_path_get_dirname (path);
  g_autoptr (GError) error = NULL;

  g_mkdir_with_parents (parent, 0777);
  g_file_set_contents (path, data, (gssize) n, &error);
  g_assert_no_error (error);
}

static void
write_text (const CliPlace *place, const char *name, const char *text)
{
  write_file (place, name, text, strlen (text));
}

static void
make_pictures (const CliPlace *place)
{
  g_autoptr (GBytes) vast = test_png_finish (test_png_new (30000, 30000, 8, TEST_PNG_RGB, FALSE), "\0\1\2\3", 4);
  g_autofree char   *whole = NULL;
  gsize              n;

  write_text (place, "text.png", "This is no picture.\n");
  write_text (place, "empty.png", "");
  write_file (place, "vast.png", g_bytes_get_data (vast, NULL), g_bytes_get_size (vast));
  g_assert_true (g_file_get_contents (place->picture, &whole, &n, NULL));
  write_file (place, "truncated.png", whole, n / 2);
}

/* A model folder of links to the stored one, but for the entry @except. */
static void
make_model (const CliPlace *place, const char *name, const char *except)
{
  g_autofree char *folder = g_build_filename (place->folder, name, NULL);
  g_autoptr (GDir) dir = g_dir_open (place->model, 0, NULL);
  const char      *entry;

  g_assert_cmpint (g_mkdir (folder, 0777), ==, 0);
  while ((entry = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *target = g_build_filename (place->model, entry, NULL);
      g_autofree char *link = g_build_filename (folder, entry, NULL);

      if (!g_str_equal (entry, except))
        g_assert_cmpint (symlink (target, link), ==, 0);
    }
}

#define DECODER_FILE "decoder/diffusion_pytorch_model.safetensors"

/* A model whose decoder has these weights. */
static void
make_decoder (const CliPlace *place, const char *name, const void *weights, gsize n)
{
  g_autofree char *config_path = g_build_filename (place->model, "decoder", "config.json", NULL);
  g_autofree char *config_name = g_build_filename (name, "decoder", "config.json", NULL);
  g_autofree char *weights_name = g_build_filename (name, DECODER_FILE, NULL);
  g_autofree char *config = NULL;

  make_model (place, name, "decoder");
  g_assert_true (g_file_get_contents (config_path, &config, NULL, NULL));
  write_text (place, config_name, config);
  if (weights != NULL)
    write_file (place, weights_name, weights, n);
}

/* A file whose second tensor begins inside the first. */
static void
make_overlapping (const CliPlace *place)
{
  static const char header[] = "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
                               "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}";
  guint8            file[8 + sizeof header - 1 + 8] = { sizeof header - 1 };

  memcpy (file + 8, header, sizeof header - 1);
  make_decoder (place, "overlap", file, sizeof file);
}

static void
make_decoders (const CliPlace *place)
{
  static const guint8 lying_header[16] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, '{', '}' };
  g_autofree char    *path = g_build_filename (place->model, DECODER_FILE, NULL);
  g_autofree char    *weights = NULL;
  gsize               n;

  g_assert_true (g_file_get_contents (path, &weights, &n, NULL));
  make_decoder (place, "cut", weights, n - 100);
  make_decoder (place, "no-weights", NULL, 0);
  make_decoder (place, "header", lying_header, sizeof lying_header);
  /* The stored weights are F16; this is a NaN. */
  memcpy (weights + n - 64, "\xff\x7f", 2);
  make_decoder (place, "nan", weights, n);
  make_overlapping (place);
}

static void
make_models (const CliPlace *place)
{
  write_text (place, "sd/model_index.json",
              "{ \"_class_name\": \"StableDiffusionPipeline\", \"unet\": [\"diffusers\", \"UNet2DConditionModel\"],"
              " \"vae\": [\"diffusers\", \"AutoencoderKL\"] }");
  write_text (place, "bad-index/model_index.json", "{ \"_class_name\": ");
  write_text (place, "wrong-class/model_index.json",
              "{ \"_class_name\": \"UnCLIPPipeline\", \"decoder\": [\"diffusers\", \"AutoencoderKL\"] }");
  make_model (place, "no-text-proj", "text_proj");
  make_decoders (place);
}

static gboolean
contains (const char *text, const char *words)
{
  g_autofree char *lower_text = g_ascii_strdown (text, -1);
  g_autofree char *lower_words = g_ascii_strdown (words, -1);

  return strstr (lower_text, lower_words) != NULL;
}

/* One line, the program's, that says what is expected; alternatives are separated by “|”. */
static void
check_message (const char *err, const char *says)
{
  g_auto (GStrv) words = g_strsplit (says, "|", -1);
  gboolean       found = says[0] == '\0';

  for (guint i = 0; words[i] != NULL; i++)
    found = found || contains (err, words[i]);
  if (!found)
    g_test_fail_printf ("“%s” does not say “%s”", err, says);
  if (g_str_equal (says, "Usage"))
    return;
  g_assert_true (g_str_has_prefix (err, "unclip: "));
  g_assert_true (strchr (err, '\n') == err + strlen (err) - 1);
  g_assert_null (strstr (err, "(null)"));
}

static void
test_case (gconstpointer data)
{
  const BadCase    *bad = data;
  g_auto (CliPlace)  place = { NULL };
  g_auto (CliResult) result = { 0 };
  g_autofree char   *before = NULL, *after = NULL;

  if (bad->needs_device && test_device_get () == NULL)
    return;
  cli_place_init (&place);
  make_pictures (&place);
  make_models (&place);
  before = cli_list_folder (place.folder);
  cli_run (&place, bad->arguments, &result);
  g_assert_cmpint (result.status, ==, bad->status);
  check_message (result.err, bad->says);
  after = cli_list_folder (place.folder);
  g_assert_cmpstr (after, ==, before);
}

/* The same error as an event. */
static void
test_event (void)
{
  g_auto (CliPlace)     place = { NULL };
  g_auto (CliResult)    result = { 0 };
  g_autoptr (GPtrArray) events = NULL;
  JsonObject           *event;

  cli_place_init (&place);
  cli_run (&place, "vary @picture --model @folder/nothing --json -o @out", &result);
  g_assert_cmpint (result.status, ==, 1);
  events = cli_parse_events (result.out);
  g_assert_cmpuint (events->len, ==, 1);
  event = g_ptr_array_index (events, 0);
  g_assert_cmpstr (json_object_get_string_member (event, "event"), ==, "error");
  g_assert_cmpstr (json_object_get_string_member (event, "code"), ==, "model-not-found");
  g_assert_nonnull (strstr (json_object_get_string_member (event, "message"), "nothing"));
}

static void
test_no_device (void)
{
  g_auto (CliPlace)       place = { NULL };
  g_auto (CliResult)      result = { 0 };
  g_autofree char        *after = NULL;
  g_autoptr (GSubprocess) process = NULL;

  cli_place_init (&place);
  process = cli_start (&place, "vary @picture --model @model" QUICK, "VK_DRIVER_FILES=/nonexistent");
  cli_finish (process, &result);
  g_assert_cmpint (result.status, ==, 1);
  check_message (result.err, "Vulkan");
  after = cli_list_folder (place.out);
  g_assert_cmpstr (after, ==, "");
}

static void
test_read_only (void)
{
  g_auto (CliPlace)  place = { NULL };
  g_auto (CliResult) result = { 0 };

  if (geteuid () == 0)
    {
      g_test_skip ("root may write everywhere");
      return;
    }
  cli_place_init (&place);
  g_assert_cmpint (g_chmod (place.out, 0555), ==, 0);
  cli_run (&place, "vary @picture --model @model" QUICK, &result);
  g_chmod (place.out, 0777);
  g_assert_cmpint (result.status, ==, 1);
  check_message (result.err, "out");
}

/* Runs a script in a namespace of its own, where mounting is allowed. */
static int
run_unshared (const CliPlace *place, const char *script, char **out)
{
  g_autofree char   *program = g_build_filename (g_test_get_dir (G_TEST_BUILT), "..", "engine", "cli", "unclip", NULL);
  g_autofree char   *expanded = cli_place_expand (place, script);
  const char        *argv[] = { "unshare", "--user", "--map-root-user", "--mount", "sh", "-c", expanded, program, NULL };
  g_autoptr (GError) error = NULL;
  int                wait_status;

  if (!g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, out, NULL, &wait_status, &error))
    return -1;
  return WIFEXITED (wait_status) ? WEXITSTATUS (wait_status) : -1;
}

/* A file system of one page takes one picture at the most. */
static void
test_full (void)
{
  g_auto (CliPlace) place = { NULL };
  g_autofree char  *out = NULL;
  g_auto (GStrv)    lines = NULL;

  if (test_device_get () == NULL)
    return;
  cli_place_init (&place);
  if (run_unshared (&place, "mount -t tmpfs -o size=4k tmpfs @out", NULL) != 0)
    {
      g_test_skip ("no small file system can be mounted here");
      return;
    }
  g_assert_cmpint (run_unshared (&place,
                                 "mount -t tmpfs -o size=4k tmpfs @out; cd /;"
                                 " \"$0\" vary @picture --model @model --steps 2 --upsampler-steps 2 -n 6 -o @out 2>@folder/err; echo $?; ls -A @out",
                                 &out), ==, 0);
  g_test_message ("%s", out);
  lines = g_strsplit (g_strstrip (out), "\n", -1);
  /* Pictures that were told, the status, and then files: exactly those pictures. */
  for (guint i = 0; lines[i] != NULL; i++)
    if (g_str_equal (lines[i], "1"))
      {
        g_autoptr (GBytes) err = cli_read (place.folder, "err");
        g_autofree char   *text = g_strndup (g_bytes_get_data (err, NULL), g_bytes_get_size (err));

        check_message (text, "space");
        g_assert_cmpuint (g_strv_length (lines), ==, 2 * i + 1);
        for (guint k = 0; k < i; k++)
          g_assert_true (g_str_has_suffix (lines[k], lines[i + 1 + k]));
        return;
      }
  g_assert_not_reached ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/cli/bad-input/", cases[i].path, NULL);

      g_test_add_data_func (path, &cases[i], test_case);
    }
  g_test_add_func ("/cli/bad-input/event", test_event);
  g_test_add_func ("/cli/bad-input/no-device", test_no_device);
  g_test_add_func ("/cli/bad-input/output/read-only", test_read_only);
  g_test_add_func ("/cli/bad-input/output/full", test_full);
  return test_device_run ();
}
