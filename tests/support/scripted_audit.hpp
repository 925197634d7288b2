#pragma once
// An audit log that a test can read.

#include "observe/audit_record.hpp"

#include <vector>

namespace wixtokend::test {

/// Keeps what it is told, and says what it is told to say.
class scripted_audit final : public observe::audit_trail {
 public:
  std::vector<observe::audit_record> records;
  observe::audit_state says;
  bool takes = true;  ///< else nothing may be handed out

  [[nodiscard]] bool record(observe::audit_record const& what) noexcept override {
    if (takes) records.push_back(what);
    return takes;
  }
  [[nodiscard]] observe::audit_state state() const noexcept override { return says; }
};

}  // namespace wixtokend::test
