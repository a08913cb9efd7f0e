// The tab's program. main() returns at once; from then on everything runs from the browser's events.
#include "web/tab.hpp"

int main() {
    // Owned by the page: a tab has no end that anybody could tidy up after.
    auto* tab = new web::Tab;
    tab->start();
    return 0;
}
