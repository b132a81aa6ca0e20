// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/class_table.h"
#include "cli/command.h"
#include "cli/decoders.h"
#include "cli/hit_files.h"
#include "cli/hit_table.h"
#include "cli/open_engine.h"
#include "cli/picture_files.h"
#include "clippath/core/files.h"
#include "clippath/core/pictures.h"
#include "clippath/patch_pictures.h"
#include "clippath/search.h"
#include "clippath/slide.h"
#include "server/classify/read_prompts.h"
#include "server/http/answer_codec.h"

namespace clippath::cli {
namespace {

constexpr int kSheetColumns = 5;

struct Options {
  OpenEngineOptions open;
  std::vector<QueryTerm> terms;  ///< pictures are read when the command runs
  std::vector<std::pair<std::size_t, std::filesystem::path>>
      images;  ///< term that each one belongs to
  std::optional<double> image_mpp;
  std::string image_slide;
  std::vector<std::string> filters;
  std::string in = "patches";
  std::string group_by;
  std::string exclude;
  std::string via = "both";
  std::optional<double> min_similarity;
  std::filesystem::path contact_sheet;
  std::filesystem::path classes;  ///< --classify; empty: a search
  std::string slide;
  std::int64_t top_j = kDefaultTopJ;
  std::string format;   ///< empty: table, or JSON with --json
  std::string encoder;  ///< id or name; empty: the folder's first
  SearchRequest request;
};

template <class Value>
Value chosen(const std::string& word, const std::vector<std::pair<std::string, Value>>& words) {
  for (const auto& [name, value] : words) {
    if (name == word) return value;
  }
  return words.front().second;
}

Result<Filter> parse_filters(const std::vector<std::string>& texts) {
  Filter filter;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    if (equals == 0 || equals == std::string::npos) {
      return fail(
          ErrorKind::kInvalidArgument,
          "--filter '" + text + "': must be field=value, for example --filter organ=breast");
    }
    Filter::Condition condition;
    condition.field = text.substr(0, equals);
    condition.any_of = {parse_field(text.substr(equals + 1))};
    filter.must.push_back(std::move(condition));
  }
  return filter;
}

/// The terms, with their pictures read.
Result<std::vector<QueryTerm>> make_terms(const Options& options, const PictureDecoder& decode) {
  std::vector<QueryTerm> terms = options.terms;
  for (const auto& [term, path] : options.images) {
    CLIPPATH_TRY(RgbImage picture, read_picture(path, decode));
    std::optional<MicronsPerPixel> mpp;
    if (options.image_mpp) mpp = MicronsPerPixel{*options.image_mpp};
    std::optional<SlideId> slide;
    if (!options.image_slide.empty()) slide = SlideId(options.image_slide);
    terms[term].what = ImageQuery{std::move(picture), mpp, std::move(slide)};
  }
  return terms;
}

Result<SearchRequest> make_request(const Options& options, const PictureDecoder& decode) {
  SearchRequest request = options.request;
  CLIPPATH_TRY(request.query, make_terms(options, decode));
  CLIPPATH_TRY(request.filter, parse_filters(options.filters));
  request.in = chosen<SearchIn>(options.in, {{"patches", SearchIn::kPatches},
                                             {"slides", SearchIn::kSlides},
                                             {"reports", SearchIn::kReports}});
  request.group_by =
      chosen<GroupBy>(options.group_by,
                      {{"", GroupBy::kNone}, {"slide", GroupBy::kSlide}, {"case", GroupBy::kCase}});
  request.via = chosen<Via>(
      options.via,
      {{"both", Via::kBoth}, {"direct", Via::kDirect}, {"neighbours", Via::kNeighbours}});
  if (!options.exclude.empty()) {
    request.exclude = chosen<Exclude>(options.exclude, {{"none", Exclude::kNone},
                                                        {"self", Exclude::kSelf},
                                                        {"slide", Exclude::kSlide},
                                                        {"case", Exclude::kCase}});
  }
  request.min_similarity = options.min_similarity;
  return request;
}

/// A hit whose picture cannot be read keeps its cell, with the reason in it.
Result<void> write_contact_sheet(const std::filesystem::path& path, const SearchAnswer& answer,
                                 const QueryEngine& engine, const Decoders& decoders) {
  const PatchPictures pictures(decoders.open_slide, decoders.decode_picture);
  std::vector<SheetCell> cells;
  for (const Hit* hit : hits_of(answer)) {
    char similarity[16];
    std::snprintf(similarity, sizeof similarity, "%.3f", static_cast<double>(hit->similarity));
    SheetCell cell{RgbImage::filled(1, 1, 255, 255, 255), {similarity, hit->caption, hit->id}};
    if (hit->patch_id) {
      auto picture = pictures.read(engine, *hit->patch_id);
      if (picture) {
        cell.picture = std::move(*picture);
      } else {
        cell.lines[1] = picture.error().message;
      }
    }
    cells.push_back(std::move(cell));
  }
  return write_file_durably(path, encode_jpeg(make_contact_sheet(cells, kSheetColumns), 90));
}

void print_annotations(const SearchAnswer& answer) {
  const HitAnnotations annotations = hits_as_geojson(answer);
  std::fputs(annotations.geojson.c_str(), stdout);
  if (annotations.without_place > 0) {
    std::fprintf(stderr, "note: %zu hits have no place on a slide and are left out\n",
                 annotations.without_place);
  }
  if (annotations.slides > 1) {
    std::fprintf(stderr,
                 "note: the hits lie on %zu slides, and QuPath shows one image at a time: use "
                 "--filter slide_id=ID, or metadata.slide_id\n",
                 annotations.slides);
  }
}

void print_answer(const std::string& format, const SearchAnswer& answer,
                  const QueryEngine& engine) {
  if (format == "json") {
    std::printf("%s\n", to_text(encode_answer(answer, engine.snapshot(), "")).c_str());
  } else if (format == "csv") {
    std::fputs(hits_as_csv(answer).c_str(), stdout);
  } else if (format == "geojson") {
    print_annotations(answer);
  } else {
    print_hits(answer, engine);
  }
}

Result<std::string> choose_format(const Options& options, const Context& context) {
  if (options.format.empty()) return std::string(context.json ? "json" : "table");
  if (context.json && options.format != "json") {
    return fail(ErrorKind::kInvalidArgument,
                "--json and --format " + options.format + ": give one of them");
  }
  if (options.format == "geojson" && options.in == "reports") {
    return fail(ErrorKind::kInvalidArgument,
                "--format geojson: reports have no place on a slide; use --in patches");
  }
  return options.format;
}

Result<int> run_search(const Options& options, const Context& context) {
  CLIPPATH_TRY(const std::string format, choose_format(options, context));
  Decoders decoders;  // words alone need none
  if (!options.images.empty() || !options.contact_sheet.empty()) {
    CLIPPATH_TRY(decoders, make_decoders(1));
  }
  CLIPPATH_TRY(const SearchRequest request, make_request(options, decoders.decode_picture));
  CLIPPATH_TRY(const OpenEngine opened, open_engine(options.open, options.encoder));
  CLIPPATH_TRY(const SearchAnswer answer, opened.engine->search(request, Deadline::never()));
  print_answer(format, answer, *opened.engine);
  if (!options.contact_sheet.empty()) {
    CLIPPATH_TRY_VOID(write_contact_sheet(options.contact_sheet, answer, *opened.engine, decoders));
  }
  return kDone;
}

Result<ClassifyRequest> make_classify_request(const Options& options,
                                              const PictureDecoder& decode) {
  ClassifyRequest request;
  request.top_j = options.top_j;
  CLIPPATH_TRY(request.prompts, read_class_prompts(options.classes));
  if (!options.slide.empty()) {
    request.subject = SlideQuery{SlideId(options.slide)};
    return request;
  }
  CLIPPATH_TRY(std::vector<QueryTerm> terms, make_terms(options, decode));
  if (auto* const image = std::get_if<ImageQuery>(&terms.front().what)) {
    request.subject = std::move(*image);
  } else {
    request.subject = std::get<PatchQuery>(terms.front().what);
  }
  return request;
}

/// One picture, patch or slide, and no words beside those of the classes.
Result<void> check_subject(const Options& options) {
  const bool all_pictures =
      std::all_of(options.terms.begin(), options.terms.end(), [](const QueryTerm& term) {
        return std::holds_alternative<ImageQuery>(term.what) ||
               std::holds_alternative<PatchQuery>(term.what);
      });
  if (all_pictures && options.terms.size() + (options.slide.empty() ? 0 : 1) == 1) return {};
  return fail(ErrorKind::kInvalidArgument,
              "--classify needs one of --image, --patch and --slide, and nothing else to look for");
}

Result<int> run_classify(const Options& options, const Context& context) {
  CLIPPATH_TRY_VOID(check_subject(options));
  Decoders decoders;
  if (!options.images.empty()) {
    CLIPPATH_TRY(decoders, make_decoders(1));
  }
  CLIPPATH_TRY(const ClassifyRequest request,
               make_classify_request(options, decoders.decode_picture));
  CLIPPATH_TRY(const OpenEngine opened, open_engine(options.open, options.encoder));
  CLIPPATH_TRY(const ClassifyAnswer answer, opened.engine->classify(request, Deadline::never()));
  if (context.json) {
    std::printf("%s\n", to_text(encode_classes(answer, opened.engine->snapshot(), "")).c_str());
  } else {
    print_classes(answer, *opened.engine);
  }
  return kDone;
}

/// `--weight` belongs to the term before it, so these options are read in the order of the command
/// line.
void add_query_options(CLI::App& command, Options& options) {
  const auto add_term = [&options](auto what) { options.terms.push_back({std::move(what), 1}); };
  command
      .add_option_function<std::vector<std::string>>(
          "--text", [add_term](const auto& values) { add_term(TextQuery{values.back()}); },
          "Words: a diagnosis, a finding, a sentence")
      ->trigger_on_parse()
      ->expected(1)
      ->take_all();
  command
      .add_option_function<std::vector<std::string>>(
          "--image",
          [add_term, &options](const auto& values) {
            options.images.emplace_back(options.terms.size(), values.back());
            add_term(ImageQuery{});
          },
          "A PNG or JPEG file")
      ->trigger_on_parse()
      ->expected(1)
      ->take_all();
  command
      .add_option_function<std::vector<std::string>>(
          "--patch",
          [add_term](const auto& values) { add_term(PatchQuery{PatchId(values.back())}); },
          "Id of a patch in the folder")
      ->trigger_on_parse()
      ->expected(1)
      ->take_all();
  command
      .add_option_function<std::vector<std::string>>(
          "--report",
          [add_term](const auto& values) { add_term(ReportQuery{ReportId(values.back())}); },
          "Id of a report in the folder")
      ->trigger_on_parse()
      ->expected(1)
      ->take_all();
  command
      .add_option_function<std::vector<double>>(
          "--weight",
          [&options](const auto& values) {
            if (options.terms.empty())
              throw CLI::ValidationError("--weight", "stands after the term that it weighs");
            options.terms.back().weight = values.back();
          },
          "Weight of the term before it; negative pushes away")
      ->trigger_on_parse()
      ->expected(1)
      ->take_all();
}

void add_classify_options(CLI::App& command, Options& options) {
  auto* classify = command.add_option(
      "--classify", options.classes,
      "File of class prompts (JSON): which class fits the --image, --patch or --slide");
  command
      .add_option("--slide", options.slide,
                  "Id of a slide in the folder, for --classify: all patches of one extent")
      ->needs(classify);
  command
      .add_option("--top-j", options.top_j,
                  "With --classify: a class is scored by its so many most similar patches")
      ->needs(classify)
      ->check(CLI::Range(std::int64_t{1}, kMaxTopJ))
      ->capture_default_str();
  for (const char* const of_a_search :
       {"--text", "--report", "--weight", "--in", "-k", "--filter", "--group-by", "--group-size",
        "--exclude", "--min-similarity", "--via", "--format", "--contact-sheet"}) {
    classify->excludes(command.get_option(of_a_search));
  }
}

}  // namespace

void add_search_command(CLI::App& program, Context& context) {
  auto* command = program.add_subcommand(
      "search", "Find patches, slides or reports by words, a picture or a patch");
  auto options = std::make_shared<Options>();
  command->add_option("--data", options->open.data, "Data folder")
      ->required()
      ->envname("CLIPPATH_DATA");
  add_query_options(*command, *options);
  command->add_option("--image-slide", options->image_slide,
                      "Slide that the pictures were cut from; its stains are then used");
  command->add_option("--image-mpp", options->image_mpp, "Micrometres per pixel of the pictures")
      ->check(CLI::Range(0.05, 20.0));
  command->add_option("--in", options->in, "What to find")
      ->check(CLI::IsMember({"patches", "slides", "reports"}))
      ->capture_default_str();
  command->add_option("-k", options->request.k, "Number of hits, or of groups")
      ->check(CLI::Range(std::int64_t{1}, kMaxHits))
      ->capture_default_str();
  command->add_option("--filter", options->filters,
                      "field=value; may be given several times, all must hold");
  command->add_option("--group-by", options->group_by, "Group the hits")
      ->check(CLI::IsMember({"slide", "case"}));
  command->add_option("--group-size", options->request.group_size, "Hits a group")
      ->check(CLI::Range(std::int64_t{1}, kMaxGroupSize))
      ->capture_default_str();
  command
      ->add_option("--exclude", options->exclude,
                   "Leave out the query itself, its slide or its case (default: case for --patch "
                   "and --report, else none)")
      ->check(CLI::IsMember({"none", "self", "slide", "case"}));
  command->add_option("--min-similarity", options->min_similarity, "Least cosine of a hit")
      ->check(CLI::Range(-1.0, 1.0));
  command
      ->add_option(
          "--via", options->via,
          "Picture to reports: by likeness to the text, through the nearest patches, or both")
      ->check(CLI::IsMember({"direct", "neighbours", "both"}))
      ->capture_default_str();
  command
      ->add_option("--format", options->format,
                   "table (default), json (as --json), csv, or geojson: annotations for QuPath")
      ->check(CLI::IsMember({"table", "json", "csv", "geojson"}));
  command->add_option("--contact-sheet", options->contact_sheet, "Write the hits as one JPEG");
  add_classify_options(*command, *options);
  add_encoder_option(*command, options->encoder);
  add_compute_options(*command, options->open.encoder);
  add_long_text_option(*command, options->open.encoder.long_texts);
  add_common_options(*command, context);
  command->footer(
      "Example: clippath search --data archive --text \"invasive lobular carcinoma\" -k 5 --filter "
      "organ=breast");
  on_run(*command, context, [options, &context]() -> int {
    options->open.purpose = "search";
    if (!options->classes.empty()) {
      const auto exit_code = run_classify(*options, context);
      return exit_code ? *exit_code : report_error(exit_code.error());
    }
    if (options->terms.empty()) {
      return report_error({ErrorKind::kInvalidArgument,
                           "nothing to search for: give --text, --image, --patch or --report"});
    }
    const auto exit_code = run_search(*options, context);
    return exit_code ? *exit_code : report_error(exit_code.error());
  });
}

}  // namespace clippath::cli
