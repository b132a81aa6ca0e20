// SPDX-License-Identifier: Apache-2.0
#include "encoder/weights/tensor_names.h"

namespace clippath {
namespace {

LayerNames clip_layer() {
  return {.query = "self_attn.q_proj.",
          .key = "self_attn.k_proj.",
          .value = "self_attn.v_proj.",
          .attention_output = "self_attn.out_proj.",
          .inner = "mlp.fc1.",
          .outer = "mlp.fc2.",
          .attention_norm = "layer_norm1.",
          .perceptron_norm = "layer_norm2."};
}

LayerNames open_clip_layer() {
  return {.query_key_value = "attn.in_proj_",
          .attention_output = "attn.out_proj.",
          .inner = "mlp.c_fc.",
          .outer = "mlp.c_proj.",
          .attention_norm = "ln_1.",
          .perceptron_norm = "ln_2."};
}

LayerNames vit_layer() {
  return {.query = "attention.attention.query.",
          .key = "attention.attention.key.",
          .value = "attention.attention.value.",
          .attention_output = "attention.output.dense.",
          .inner = "intermediate.dense.",
          .outer = "output.dense.",
          .attention_norm = "layernorm_before.",
          .perceptron_norm = "layernorm_after."};
}

LayerNames timm_layer() {
  return {.query_key_value = "attn.qkv.",
          .attention_output = "attn.proj.",
          .inner = "mlp.fc1.",
          .outer = "mlp.fc2.",
          .attention_norm = "norm1.",
          .perceptron_norm = "norm2.",
          .attention_scale = "ls1.gamma",
          .perceptron_scale = "ls2.gamma"};
}

LayerNames dinov2_layer(Activation activation) {
  const bool gated = activation == Activation::kSwiGlu;
  return {.query = "attention.attention.query.",
          .key = "attention.attention.key.",
          .value = "attention.attention.value.",
          .attention_output = "attention.output.dense.",
          .inner = gated ? "mlp.weights_in." : "mlp.fc1.",
          .outer = gated ? "mlp.weights_out." : "mlp.fc2.",
          .attention_norm = "norm1.",
          .perceptron_norm = "norm2.",
          .attention_scale = "layer_scale1.lambda1",
          .perceptron_scale = "layer_scale2.lambda1"};
}

LayerNames bert_layer() {
  return {.query = "attention.self.query.",
          .key = "attention.self.key.",
          .value = "attention.self.value.",
          .attention_output = "attention.output.dense.",
          .inner = "intermediate.dense.",
          .outer = "output.dense.",
          .attention_norm = "attention.output.LayerNorm.",
          .perceptron_norm = "output.LayerNorm."};
}

}  // namespace

VisionNames names_of(VisionFamily family, Activation activation) {
  switch (family) {
    case VisionFamily::kClip:
      return {.patch = "embeddings.patch_embedding.",
              .class_token = "embeddings.class_embedding",
              .positions = "embeddings.position_embedding.weight",
              .leading_ones = false,
              .first_norm = "pre_layrnorm.",  // the spelling of every released model
              .layers = "encoder.layers.",
              .layer = clip_layer(),
              .last_norm = "post_layernorm."};
    case VisionFamily::kOpenClip:
      return {.patch = "conv1.",
              .class_token = "class_embedding",
              .positions = "positional_embedding",
              .leading_ones = false,
              .first_norm = "ln_pre.",
              .layers = "transformer.resblocks.",
              .layer = open_clip_layer(),
              .last_norm = "ln_post."};
    case VisionFamily::kVit:
      return {.patch = "embeddings.patch_embeddings.projection.",
              .class_token = "embeddings.cls_token",
              .positions = "embeddings.position_embeddings",
              .layers = "encoder.layer.",
              .layer = vit_layer(),
              .last_norm = "layernorm.",
              .pooler = "pooler.dense."};
    case VisionFamily::kTimm:
      return {.patch = "patch_embed.proj.",
              .class_token = "cls_token",
              .positions = "pos_embed",
              .registers = "reg_token",
              .layers = "blocks.",
              .layer = timm_layer(),
              .last_norm = "norm."};
    case VisionFamily::kDinov2:
      return {.patch = "embeddings.patch_embeddings.projection.",
              .class_token = "embeddings.cls_token",
              .positions = "embeddings.position_embeddings",
              .registers = "embeddings.register_tokens",
              .layers = "encoder.layer.",
              .layer = dinov2_layer(activation),
              .last_norm = "layernorm."};
  }
  return {};
}

TextNames names_of(TextFamily family) {
  switch (family) {
    case TextFamily::kBert:
      return {.words = "embeddings.word_embeddings.weight",
              .positions = "embeddings.position_embeddings.weight",
              .token_types = "embeddings.token_type_embeddings.weight",
              .first_norm = "embeddings.LayerNorm.",
              .layers = "encoder.layer.",
              .layer = bert_layer(),
              .pooler = "pooler.dense."};
    case TextFamily::kClip:
      return {.words = "embeddings.token_embedding.weight",
              .positions = "embeddings.position_embedding.weight",
              .layers = "encoder.layers.",
              .layer = clip_layer(),
              .last_norm = "final_layer_norm."};
    case TextFamily::kOpenClip:
      return {.words = "token_embedding.weight",
              .positions = "positional_embedding",
              .appended_token = "cls_emb",
              .layers = "transformer.resblocks.",
              .layer = open_clip_layer(),
              .last_norm = "ln_final."};
  }
  return {};
}

AttentionalPoolerNames attentional_pooler_names() {
  return {.query = "attn_pool_contrast.query",
          .query_norm = "attn_pool_contrast.ln_q.",
          .key_norm = "attn_pool_contrast.ln_k.",
          .query_product = "attn_pool_contrast.attn.q_proj_weight",
          .key_product = "attn_pool_contrast.attn.k_proj_weight",
          .value_product = "attn_pool_contrast.attn.v_proj_weight",
          .biases = "attn_pool_contrast.attn.in_proj_bias",
          .attention_output = "attn_pool_contrast.attn.out_proj.",
          .last_norm = "ln_contrast."};
}

}  // namespace clippath
