// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/decoders.h"
#include "cli/in_batches.h"
#include "cli/picture_files.h"
#include "cli/text_lines.h"
#include "cli/vector_output.h"
#include "encoder/runtime/local_encoder.h"

namespace clippath::cli {
namespace {

struct Options {
  std::filesystem::path model;
  std::filesystem::path texts;
  std::vector<std::string> images;
  std::filesystem::path pixels;
  std::filesystem::path out;
  bool raw = false;
  EncoderOptions encoder;
};

Result<std::vector<std::string>> read_texts(const std::filesystem::path& path) {
  if (!path.empty()) return read_text_lines(path);
  return split_lines(std::string(std::istreambuf_iterator<char>(std::cin), {}));
}

/// What to write beside the vectors.
struct Encoded {
  VectorLabels labels;
  EmbeddingMatrix vectors;
  bool complete = true;
};

Result<Encoded> encode_texts(const LocalEncoder& encoder, const Options& options, int threads) {
  Encoded encoded;
  CLIPPATH_TRY(encoded.labels.names, read_texts(options.texts));
  encoded.labels.key = "text";
  const std::span<const std::string> texts = encoded.labels.names;
  CLIPPATH_TRY(encoded.vectors,
               in_batches(vectors_by(encoder, texts.size()), threads,
                          [&](std::size_t begin, std::size_t end) {
                            return encoder.project_texts(texts.subspan(begin, end - begin));
                          }));
  encoded.labels.number_all();
  return encoded;
}

/// A picture that cannot be read is reported and left out; the others keep their number.
Result<Encoded> encode_images(const LocalEncoder& encoder, const Options& options, int threads) {
  Encoded encoded;
  encoded.labels.key = "image";
  CLIPPATH_TRY(const Decoders decoders, make_decoders(1));
  std::vector<RgbImage> pictures;
  for (std::size_t i = 0; i < options.images.size(); ++i) {
    const auto picture = read_picture(options.images[i], decoders.decode_picture);
    if (!picture) {
      if (!options.out.empty()) return fail(picture.error());
      report_error(picture.error());
      encoded.complete = false;
      continue;
    }
    pictures.push_back(encoder.fit(*picture));
    encoded.labels.indexes.push_back(i);
    encoded.labels.names.push_back(options.images[i]);
  }
  if (pictures.empty()) return fail(ErrorKind::kInvalidArgument, "no picture could be read");
  const std::span<const RgbImage> all = pictures;
  CLIPPATH_TRY(
      encoded.vectors,
      in_batches(vectors_by(encoder, all.size()), threads, [&](std::size_t begin, std::size_t end) {
        return encoder.project_images(all.subspan(begin, end - begin));
      }));
  return encoded;
}

Result<Encoded> encode_pixels(const LocalEncoder& encoder, const Options& options, int threads) {
  CLIPPATH_TRY(const PixelBatch all, read_pixel_values(options.pixels));
  const std::size_t size = all.values.size() / all.count;
  Encoded encoded;
  CLIPPATH_TRY(
      encoded.vectors,
      in_batches(vectors_by(encoder, all.count), threads, [&](std::size_t begin, std::size_t end) {
        PixelBatch part{end - begin, all.height, all.width, {}};
        const float* values = all.values.data();
        part.values.assign(values + begin * size, values + end * size);
        return encoder.project_pixels(part);
      }));
  encoded.labels.number_all(all.count);
  return encoded;
}

Result<int> run_encode(Options options, const Context& context) {
  const bool texts = options.images.empty() && options.pixels.empty();
  options.encoder.towers = texts ? Towers::kTextOnly : Towers::kImageOnly;
  CLIPPATH_TRY(const auto encoder, load_local_encoder(options.model, options.encoder));
  const auto encode = texts                    ? &encode_texts
                      : options.images.empty() ? &encode_pixels
                                               : &encode_images;
  CLIPPATH_TRY(Encoded encoded, encode(*encoder, options, context.threads));
  if (!options.raw) {
    CLIPPATH_TRY(encoded.vectors, normalize_rows(std::move(encoded.vectors)));
  }
  if (options.out.empty()) {
    print_vectors(encoded.labels, encoded.vectors);
  } else {
    CLIPPATH_TRY_VOID(write_npy(options.out, encoded.vectors));
  }
  return encoded.complete ? kDone : kPartlyDone;
}

}  // namespace

void add_encode_command(CLI::App& program, Context& context) {
  CLI::App& command = *program.add_subcommand("encode", "Texts or pictures to vectors");
  add_common_options(command, context);
  const auto options = std::make_shared<Options>();
  command.add_option("--model", options->model, "Model folder")->required();
  auto* texts =
      command.add_option("--texts", options->texts, "File with one text a line (default: stdin)");
  auto* images = command.add_option("--images", options->images, "PNG or JPEG files");
  auto* pixels = command.add_option("--pixels", options->pixels,
                                    "safetensors file with ready pixel_values [n, 3, h, w]");
  images->excludes(texts)->excludes(pixels);
  pixels->excludes(texts);
  command.add_option("--out", options->out,
                     "Writes vectors.npy (float32) in place of a line of JSON each");
  command.add_flag("--raw", options->raw, "Vectors as projected, not of unit length");
  add_compute_options(command, options->encoder);
  add_long_text_option(command, options->encoder.long_texts);
  command.footer("Example: echo 'clear cell carcinoma' | clippath encode --model DIR");
  on_run(command, context, [options, &context] {
    const auto done = run_encode(*options, context);
    return done ? *done : report_error(done.error());
  });
}

}  // namespace clippath::cli
