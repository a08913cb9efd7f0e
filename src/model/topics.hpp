// What changed, so that a change nobody can see draws no frame.
#pragma once

#include <cstdint>

namespace model {

enum Topic : std::uint32_t {
    kTopicChrome = 1,      // top bar, status bar, session, theme, panels
    kTopicCanvas = 2,      // document, status, selection, viewport
    kTopicInspector = 4,
    kTopicLogs = 8,
    kTopicEvents = 16,
    kTopicToasts = 32,
    kTopicWorkflows = 64,  // the list
    kTopicPages = 128,     // clusters, settings, profile, notifications: pages other than the workflow's
    kTopicDeveloper = 256, // the developer panel
    kTopicBuilds = 4096,   // builds and imports
    kTopicHistory = 1U << 16,  // versions and runs
};
using TopicSet = std::uint32_t;

}  // namespace model
