// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>
#include <ATen/record_function.h>

#include <memory>
#include <set>
#include <string>

namespace clippath::test {

/// Looks at the inputs of every LibTorch operation of this thread while it lives, and names those
/// that got a tensor of the main memory beside one of the device without memory. That device
/// refuses most such operations by itself, but indexes may lie anywhere: a GPU would fetch them and
/// wait. A single number without dimensions travels with the call and is no fault.
/// Source: PyTorch, ATen/record_function.h. One at a time in a thread.
class DeviceWatch {
 public:
  DeviceWatch() {
    mixed_operations().clear();
    handle_ = at::addThreadLocalCallback(
        at::RecordFunctionCallback(&look).needsInputs(true).scopes({at::RecordScope::FUNCTION}));
  }
  ~DeviceWatch() { at::removeCallback(handle_); }
  DeviceWatch(const DeviceWatch&) = delete;
  DeviceWatch& operator=(const DeviceWatch&) = delete;

  [[nodiscard]] const std::set<std::string>& mixed() const { return mixed_operations(); }

 private:
  struct Devices {
    bool main_memory = false;
    bool other = false;

    void see(const c10::IValue& value) {
      if (value.isTensor()) {
        const at::Tensor& tensor = value.toTensor();
        if (!tensor.defined()) return;
        main_memory |= tensor.is_cpu() && tensor.dim() > 0;
        other |= tensor.is_meta();
      } else if (value.isList()) {
        for (const c10::IValue& element : value.toListRef()) see(element);
      }
    }
  };

  static std::set<std::string>& mixed_operations() {
    thread_local std::set<std::string> operations;
    return operations;
  }

  static std::unique_ptr<at::ObserverContext> look(const at::RecordFunction& call) {
    Devices devices;
    for (const c10::IValue& input : call.inputs()) devices.see(input);
    if (devices.main_memory && devices.other) mixed_operations().insert(call.name());
    return nullptr;
  }

  at::CallbackHandle handle_;
};

}  // namespace clippath::test
