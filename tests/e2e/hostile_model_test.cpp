// SPDX-License-Identifier: Apache-2.0
// Model folders that are damaged or made to do harm: the real program says what is wrong with each
// and ends by itself.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <functional>

#include "tests/support/copied_model.h"
#include "tests/support/program.h"
#include "tests/unit/encoder/safetensors_builder.h"

namespace clippath {
namespace {

using test::entry;
using test::Finished;
using test::safetensors_bytes;
using test::safetensors_of;
using testing::HasSubstr;

constexpr int kFailed = 1;
constexpr int kWrongInput = 2;
constexpr const char* kWeights = "model.safetensors";
constexpr const char* kIndex = "model.safetensors.index.json";

std::string nested(const std::string& key, std::size_t levels) {
  return "{\"" + key + "\":" + std::string(levels, '[') + std::string(levels, ']') + "}";
}

class HostileModel : public test::CopiedModel {
 protected:
  HostileModel()
      : CopiedModel("dual-tiny", {"config.json", "model.safetensors", "preprocessor_config.json",
                                  "tokenizer_config.json", "vocab.txt"}) {}

  struct Damage {
    const char* what;
    int exit_code;
    const char* message;
    std::function<void()> make;
  };

  void write(const char* name, std::string_view text) const {
    std::ofstream(path(name), std::ios::binary) << text;
  }
  void write(const char* name, const std::vector<std::uint8_t>& bytes) const {
    write(name, std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  }
  void cut(const char* name, std::uintmax_t bytes) const {
    std::filesystem::resize_file(path(name), bytes);
  }

  /// The folder as it was, with nothing of the last damage.
  void make_whole() const {
    for (const auto& file : std::filesystem::directory_iterator(folder())) {
      std::filesystem::remove_all(file.path());
    }
    for (const char* name : files()) restore(name);
  }

  void expect_each_refused(const std::vector<Damage>& damages) const {
    for (const Damage& damage : damages) {
      SCOPED_TRACE(damage.what);
      make_whole();
      damage.make();
      const Finished info = test::run({"model", "info", folder().string()});
      EXPECT_EQ(info.exit_code, damage.exit_code) << info.err;
      EXPECT_THAT(info.err, HasSubstr(damage.message));
      EXPECT_THAT(info.err, HasSubstr(folder().string()));
      EXPECT_EQ(info.out, "");
    }
  }
};

TEST_F(HostileModel, IsReadWhileItIsWhole) {
  const Finished info = test::run({"model", "info", folder().string()});
  EXPECT_EQ(info.exit_code, 0) << info.err;
}

TEST_F(HostileModel, IsRefusedForItsWeights) {
  const std::string two = entry("a", "[2]", 0, 8) + "," + entry("b", "[2]", 4, 12);
  const std::string product = entry("a", "[4611686018427387904,4]", 0, 0);
  const std::string side = entry("a", "[18446744073709551615]", 0, 4);
  const std::string deep = nested("a", 100'000);
  expect_each_refused({
      {"empty", kFailed, "is empty", [&] { write(kWeights, ""); }},
      {"cut within the header", kFailed, "cut off within its header", [&] { cut(kWeights, 50); }},
      {"cut within the data", kFailed, "reaches past the end", [&] { cut(kWeights, 100'000); }},
      {"overlap", kFailed, "b: overlaps another",
       [&] { write(kWeights, safetensors_of(two, 12)); }},
      {"product overflows", kFailed, "overflows",
       [&] { write(kWeights, safetensors_of(product, 0)); }},
      {"side overflows", kFailed, "whole numbers",
       [&] { write(kWeights, safetensors_of(side, 4)); }},
      {"header of 2^64 - 1 bytes", kFailed, "limit is 16000000",
       [&] { write(kWeights, std::string(8, '\xff') + "{}"); }},
      {"deep header", kFailed, "deeper than 4",
       [&] { write(kWeights, safetensors_bytes(deep, 0)); }},
      {"pickle", kFailed, "scripts/convert_weights.py",
       [&] { write(kWeights, "\x80\x02}q\x01."); }},
      {"zip", kFailed, "scripts/convert_weights.py",
       [&] { write(kWeights, "PK\x03\x04 data.pkl"); }},
      {"pickle under its own name", kFailed, "pytorch_model.bin: is a pickle",
       [&] { std::filesystem::rename(path(kWeights), path("pytorch_model.bin")); }},
      {"Git LFS", kFailed, "git lfs pull",
       [&] { write(kWeights, "version https://git-lfs.github.com/spec/v1\nsize 4\n"); }},
      {"a pipe", kWrongInput, "is not a file",
       [&] {
         std::filesystem::remove(path(kWeights));
         ASSERT_EQ(::mkfifo(path(kWeights).c_str(), 0600), 0);
       }},
      {"NaN", kFailed, "logit_scale holds a number that is NaN",
       [&] { fill("logit_scale", 0x7E00, 1); }},
  });
}

TEST_F(HostileModel, IsRefusedForItsIndex) {
  const auto index = [&](const std::string& map) {
    std::filesystem::rename(path(kWeights), path("model-1.safetensors"));
    write(kIndex, R"({"weight_map":{)" + map + "}}");
  };
  expect_each_refused({
      {"outside the folder", kWrongInput, "must name a .safetensors file of this folder",
       [&] { index(R"("logit_scale":"../model-1.safetensors")"); }},
      {"absolute", kWrongInput, "must name a .safetensors file of this folder",
       [&] { index(R"("logit_scale":"/etc/model.safetensors")"); }},
      {"missing shard", kFailed, "model-2.safetensors",
       [&] { index(R"("logit_scale":"model-2.safetensors")"); }},
      {"tensor of no shard", kWrongInput, "tensor x is not in model-1.safetensors",
       [&] { index(R"("x":"model-1.safetensors")"); }},
      {"deep", kWrongInput, "nested deeper than 16",
       [&] {
         std::filesystem::remove(path(kWeights));
         write(kIndex, nested("weight_map", 10'000));
       }},
  });
}

TEST_F(HostileModel, IsRefusedForItsConfiguration) {
  const std::string deep = nested("model_type", 10'000);
  expect_each_refused({
      {"deep config.json", kWrongInput, "config.json: malformed JSON: nested deeper than 16",
       [&] { write("config.json", deep); }},
      {"deep preprocessor_config.json", kWrongInput, "nested deeper than 16",
       [&] { write("preprocessor_config.json", deep); }},
      {"deep clippath.json", kWrongInput, "nested deeper than 16",
       [&] { write("clippath.json", deep); }},
      {"unclosed", kWrongInput, "nested deeper than 16",
       [&] { write("config.json", std::string(100'000, '[')); }},
      {"not JSON", kWrongInput, "malformed JSON",
       [&] {
         write("config.json",
               "\x7f"
               "ELF");
       }},
      {"no layer fits", kWrongInput, "hidden_size: must be a whole number in 1..16384",
       [&] { change("config.json", "\"hidden_size\": 64", "\"hidden_size\": 1e99"); }},
      {"heads of nothing", kWrongInput, "num_attention_heads",
       [&] { change("config.json", "\"num_attention_heads\": 4", "\"num_attention_heads\": 0"); }},
      {"pixels beyond all numbers", kWrongInput, "image_std: must hold numbers",
       [&] {
         change("preprocessor_config.json", "\"image_std\": [\n  0.5",
                "\"image_std\": [\n  1e-300");
       }},
  });
}

TEST_F(HostileModel, IsRefusedForItsTokenizer) {
  expect_each_refused({
      {"one piece too many", kWrongInput, "6001 pieces, the text tower knows 6000",
       [&] { std::ofstream(path("vocab.txt"), std::ios::app) << "onemore\n"; }},
      {"cut off", kWrongInput, "the vocabulary is cut off or another model's",
       [&] { cut("vocab.txt", 2000); }},
      {"empty", kWrongInput, "vocabulary is empty", [&] { write("vocab.txt", ""); }},
      {"deep tokenizer_config.json", kWrongInput, "nested deeper than 16",
       [&] { write("tokenizer_config.json", nested("a", 10'000)); }},
      {"deep tokenizer.json", kWrongInput, "tokenizer.json: malformed JSON: nested deeper than 16",
       [&] {
         std::filesystem::remove(path("vocab.txt"));
         write("tokenizer.json", nested("model", 1'000'000));
       }},
      {"none", kFailed, "has no tokenizer", [&] { std::filesystem::remove(path("vocab.txt")); }},
  });
}

}  // namespace
}  // namespace clippath
