// SPDX-License-Identifier: GPL-2.0
#include <linux/compiler.h>

#include "core/event.h"

static sp_event_fn sink;	/* of this module, and stays as long */

void sp_event(enum sp_event what)
{
	sp_event_fn fn = READ_ONCE(sink);

	if (fn)
		fn(what);
}

void sp_event_sink(sp_event_fn fn)
{
	WRITE_ONCE(sink, fn);
}
