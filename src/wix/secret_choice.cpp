#include "wix/secret_choice.hpp"

#include <utility>

namespace wixtokend::wix {

void secret_choice::offer(secret fresh) {
  ++trials_;
  bool const same = fresh == in_force_;
  other_ = same ? secret{} : std::move(fresh);
  try_other_ = !same;
}

secret_choice::chosen secret_choice::choose() {
  // One call at a time: the others go on with what is known to work.
  if (std::exchange(try_other_, false)) return {other_.copy(), trials_};
  return {in_force_.copy(), 0};
}

secret_choice::verdict secret_choice::told(std::uint64_t trial, answer said) {
  if (trial == 0) {
    if (said != answer::nothing) in_force_refused_ = said == answer::refused;
    if (said == answer::refused && !other_.empty()) try_other_ = true;
    return verdict::none;
  }
  if (trial != trials_ || other_.empty()) return verdict::none;  // there is a newer one
  switch (said) {
    case answer::nothing: try_other_ = true; return verdict::none;
    case answer::refused: return in_force_refused_ ? verdict::unusable : verdict::kept;
    case answer::accepted: break;
  }
  in_force_ = std::move(other_);
  other_ = secret{};
  in_force_refused_ = false;
  return verdict::replaced;
}

}  // namespace wixtokend::wix
