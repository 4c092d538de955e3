#pragma once

namespace CLI {
class Option;
}

namespace headwater::cli {

/// Refuses a number below zero, before anything else looks at it: read into a type that has no sign, -1 is
/// the largest number that there is. Called when all of the option's transformations are set.
CLI::Option* refuse_negative(CLI::Option* option);

}  // namespace headwater::cli
