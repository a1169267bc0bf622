#include "tui/app.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "net/base/clock.h"
#include "tui/entry.h"
#include "tui/packetfmt.h"

#define FRAME_NS (CLOCK_S / 30)
#define LOADING_FRAME_NS (CLOCK_S / 8) /* drawing would take a quarter of it */
/* A record to begin with, which shows what there is. */
#define EXAMPLE "!Hhd4s 7 -5 21.5 hi"
#define DRAIN_NS (10 * CLOCK_MS) /* between two drains of a busy queue */

/* ---- the models ---- */

static uint64_t
lost_calls(const struct app *app)
{
	return engine_lost(app->engine) +
	       (app->traced != NULL ? trace_hub_lost(app->traced) : 0);
}

struct view
app_view(const struct app *app)
{
	struct view v = {
	    .capture = app->capture,
	    .listing = app->listing,
	    .stream = app->stream,
	    .journal = app->journal,
	    .roster = app->roster,
	    .names = app->names,
	    .sockets = app->sockets,
	    .outer = app->outer,
	    .lab = &app->lab,
	    .wire = app->wire != NULL ? &app->wire_seen : NULL,
	    .wire_gen = app->wire_gen,
	    .told = app->kernel.track,
	    .outside = app->outside,
	    .telemetry = app->telemetry,
	    .record = &app->record,
	    .sent = &app->sent,
	    .agreed = &app->agreed,
	    .deck = &app->deck,
	    .compare = app->compare,
	    .thermal = &app->thermal,
	    .bluetooth = &app->bluetooth,
	    .weave = {app->capture, app->journal},
	    .lost_calls = lost_calls(app),
	    .start_ns = app->start_ns,
	    .now_ns = clock_now_ns(),
	};

	app_source_status(app, &v.source);
	/* A file's times count from its first packet. */
	if (app->opts->where == WHERE_FILE &&
	    capture_first_ns(app->capture) != PACKET_NO_TIME)
		v.start_ns = capture_first_ns(app->capture);
	if (app->deck.reference != 0)
		v.start_ns = app->deck.reference_ns;
	return v;
}

/* One client's calls stand where the table of clients does. */
static enum face
face_of(const struct deck *d, enum side side)
{
	bool one = side == SIDE_SERVER && d->client != 0;

	return one && d->face[side] == FACE_CLIENTS ? FACE_CALLS
						    : d->face[side];
}

struct pane *
app_pane(struct app *app, enum pane_id id)
{
	if (app->deck.help)
		return app->help;
	if (id == PANE_PACKETS)
		return app->packet_views[app->deck.view];
	if (id == PANE_SOCKETS)
		return app->sockets_pane;
	return app->faces[id][face_of(&app->deck, (enum side)id)];
}

/* ---- drawing ---- */

static bool
selected_is_marked(const struct pane *p, const struct view *v)
{
	struct selection sel = p->ops->selected(p, v);

	return sel.kind == SELECTED_FRAME && marks_has(&v->deck->marks, sel.id);
}

/* What all views of the packets say alike. */
static void
add_to_title(
    const struct pane *p, const struct view *v, char *title, size_t size)
{
	char show[VIEW_SHOW_MAX] = "";
	size_t n = strlen(title);

	if (packet_view_filters(v->deck->view))
		view_show_text(v, show);
	snprintf(title + n, size - n, "%.300s%s", show,
	    selected_is_marked(p, v) ? "  " PACKETFMT_MARK : "");
}

static void
draw_pane(struct app *app, const struct view *v, enum pane_id id, struct area a)
{
	struct pane *p = app_pane(app, id);
	bool focus = app->deck.focus == id || app->deck.help;
	uint64_t gen = p->ops->gen(p, v) * 31 + app->deck.gen;
	struct area inner;
	char title[1024];
	int x;

	if (!app->repaint && gen == app->drawn_gen[id])
		return;
	app->drawn_gen[id] = gen;
	inner = screen_frame(app->canvas, a, focus);
	p->ops->draw(p, v, app->canvas, inner);
	/* The title last: it may name what drawing has looked up. */
	p->ops->title(p, v, title, sizeof title);
	if (id == PANE_PACKETS && !app->deck.help)
		add_to_title(p, v, title, sizeof title);
	x = screen_title(app->canvas, a, id, focus, title);
	if (id == PANE_PACKETS && !app->deck.help)
		screen_views(app->canvas, a, x, app->deck.view);
}

/* Where the cursor stands while something is typed. */
static void
cursor_at(const struct app *app, const struct layout *l, int *x, int *y)
{
	const struct entry *e = &app->deck.entry;
	struct area pane = l->pane[PANE_CLIENT];

	*x = *y = -1;
	if (e->kind == ENTRY_NONE || app->deck.message[0] != '\0')
		return;
	*x = (int)strlen(entry_label(e->kind)) + entry_cursor_cells(e);
	*y = app->canvas->h - 1;
	if (e->kind != ENTRY_SEND)
		return;
	*x += pane.x + 2;
	*y = pane.y + pane.h - 2;
	if (pane.w == 0 || *x >= pane.x + pane.w - 1)
		*x = -1;
}

static void
draw(struct app *app)
{
	struct view v;
	struct layout l;
	struct selection before = app->deck.selected;
	struct pane *focus = app_pane(app, app->deck.focus);
	int w, h, x, y;

	term_size(app->term, &w, &h);
	if (app->canvas == NULL || app->canvas->w != w || app->canvas->h != h) {
		canvas_free(app->canvas);
		app->canvas = canvas_new(w, h, term_ascii(app->term));
		if (app->canvas == NULL)
			return;
		app->repaint = true;
	}
	app->canvas->inks = !app->canvas->ascii && term_inks(app->term);
	v = app_view(app);
	app->reading = false;
	app_views_select(app, &v);
	app->deck.selected = focus->ops->selected(focus, &v);
	if (!selection_equal(&before, &app->deck.selected))
		app->deck.gen++;
	l = screen_layout(&app->deck, w, h);
	if (l.too_small) {
		screen_too_small(app->canvas);
		term_draw(app->term, app->canvas, -1, -1);
		app->repaint = true; /* whatever comes next */
		return;
	}
	screen_top(app->canvas, &v);
	if (app->deck.help)
		draw_pane(
		    app, &v, app->deck.focus, (struct area){0, 1, w, h - 2});
	else
		for (int id = 0; id < PANE_COUNT; id++)
			if (l.pane[id].w > 0)
				draw_pane(
				    app, &v, (enum pane_id)id, l.pane[id]);
	if (l.why.h > 0) {
		whyfoot_look(&app->why, &v, app_pane(app, app->deck.focus));
		whyfoot_draw(&app->why, app->canvas, l.why);
	}
	screen_bottom(app->canvas, &v, &l);
	cursor_at(app, &l, &x, &y);
	term_draw(app->term, app->canvas, x, y);
	app->repaint = app->deck.message[0] != '\0'; /* it covers panes */
}

/* ---- signals ---- */

/*
 * Not by raise(SIGTSTP): ncurses ignores that signal while it writes, and a
 * signal that is ignored for a moment is gone.
 */
static void
suspend(struct app *app)
{
	app->suspend = false;
	term_suspend(app->term);
	raise(SIGSTOP); /* until SIGCONT */
	term_resume(app->term);
	app->repaint = true;
}

static void
take_terminal(struct app *app)
{
	term_resume(app->term);
	app->repaint = app->urgent = true;
}

/* Lend the terminal to a shell on a host of the lab. */
static void
start_shell(struct app *app)
{
	const struct lab *lab = &app->lab;
	struct lab_info info = {.count = 0};
	struct err err;
	char *names;
	int rc;

	app->wants_shell = false;
	lab_read(getpid(), &info, NULL);
	names = lab_names(&info);
	term_suspend(app->term);
	printf("sockdeck: a shell on %s; exit returns to the console\n",
	    lab->ports[app->shell_host].host);
	fflush(stdout);
	rc = shell_start(&app->shell, term_fd(app->term),
	    lab->netns[app->shell_host], names != NULL ? names : "", &err);
	free(names);
	if (rc == 0)
		return;
	take_terminal(app);
	deck_say(&app->deck, true, "%s", err.text);
}

static void
handle_signals(struct app *app)
{
	struct signalfd_siginfo si;

	while (read(app->signal_fd, &si, sizeof si) == sizeof si) {
		switch (si.ssi_signo) {
		case SIGCHLD:
			if (shell_ended(&app->shell))
				take_terminal(app);
			break;
		case SIGWINCH:
			if (app->shell.pid != 0)
				break;
			term_resized(app->term);
			app->repaint = app->urgent = true;
			break;
		case SIGTSTP:
			app->suspend = true;
			break;
		case SIGCONT:
			if (app->shell.pid != 0)
				break;
			term_repair(app->term);
			app->repaint = app->urgent = true;
			break;
		default: /* SIGTERM, SIGHUP, SIGINT, SIGQUIT */
			app->died_of = (int)si.ssi_signo;
			app->deck.quit = true;
			break;
		}
	}
}

/* ---- the loop ---- */

enum {
	FD_TERM,
	FD_BEHIND, /* the terminal, for what it has not taken yet */
	FD_SIGNAL,
	FD_SOCKETS,
	FD_OUTER,
	FD_OUTSIDE,
	FD_CALLS,
	FD_TRACED,
	FD_THERMAL,
	FD_ADAPTERS,
	FD_DEVICES,
	FD_WIRE,
	FD_PACKETS, /* and those of the other sources */
	FD_COUNT = FD_PACKETS + APP_SOURCES_MAX
};

/* May we draw? Not while a shell has the terminal, nor while that is behind:
 * then everything but drawing goes on. */
static bool
may_draw(const struct app *app)
{
	return app->shell.pid == 0 && term_behind_fd(app->term) < 0;
}

/* Does anything on the screen count by itself? */
static bool
counting(const struct app *app, int64_t mono_ns)
{
	return journal_running(app->journal) > 0 ||
	       app->bluetooth.devices.fd >= 0 ||
	       socktab_timers(app_shown_table(app)) ||
	       mono_ns < app->flash_until_ns;
}

static int64_t
earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* When what has changed is drawn. */
static int64_t
frame_due(const struct app *app)
{
	return app->drawn_mono_ns +
	       (app->loading || app->working ? LOADING_FRAME_NS : FRAME_NS);
}

/* The monotonic time at which there is something to do without an event. */
static int64_t
next_deadline(const struct app *app, int64_t mono_ns, bool dirty)
{
	int64_t at = earlier(app_table_due(app), mono_ns + 10 * CLOCK_S);

	if (dirty)
		at = earlier(at, app->urgent ? mono_ns : frame_due(app));
	if (may_draw(app) && counting(app, mono_ns))
		at = earlier(at, app->drawn_mono_ns + CLOCK_S);
	if (engine_busy(app->engine))
		at = earlier(at, mono_ns + ENGINE_TICK_MS * CLOCK_MS);
	if (app->working || app->saving != NULL)
		at = mono_ns;
	if (app->comparing)
		at = earlier(at, mono_ns + COMPARE_STEP_MS * CLOCK_MS);
	/* Queues are looked at again only after a pause: see FD_CALLS. */
	if (mono_ns < app->drained_mono_ns + DRAIN_NS)
		at = earlier(at, app->drained_mono_ns + DRAIN_NS);
	return at;
}

/* What the screen depends on; another sum: draw again. */
static uint64_t
screen_sum(const struct app *app)
{
	return journal_gen(app->journal) + capture_gen(app->capture) +
	       socktab_gen(app_shown_table(app)) + app->deck.gen +
	       listing_gen(app->listing) + stream_gen(app->stream) +
	       telemetry_gen(app->telemetry) +
	       (app->outside != NULL ? outside_gen(app->outside) : 0) +
	       (app->compare != NULL ? compare_gen(app->compare) : 0) +
	       app->thermal.gen + app->wire_gen + app->bluetooth.adapters.gen +
	       app->bluetooth.devices.gen + lost_calls(app);
}

/*
 * Wait for an event or the deadline. A queue that was drained a moment ago is
 * left alone for DRAIN_NS, so that a busy engine costs 100 wake-ups a second
 * and not one a record.
 */
static void
wait_for_events(struct app *app, struct pollfd *fds, int64_t deadline_ns)
{
	int64_t mono_ns = clock_mono_ns(), left;
	bool rest = mono_ns < app->drained_mono_ns + DRAIN_NS;
	struct timespec ts;

	fds[FD_TERM].fd = app->shell.pid != 0 ? -1 : term_fd(app->term);
	fds[FD_BEHIND].fd = term_behind_fd(app->term);
	fds[FD_SIGNAL].fd = app->signal_fd;
	fds[FD_SOCKETS].fd = socktab_fd(app->sockets);
	fds[FD_OUTER].fd = app->outer != NULL ? socktab_fd(app->outer) : -1;
	fds[FD_OUTSIDE].fd =
	    app->outside != NULL ? outside_fd(app->outside) : -1;
	fds[FD_CALLS].fd = rest ? -1 : engine_fd(app->engine);
	fds[FD_TRACED].fd =
	    rest || app->traced == NULL ? -1 : trace_hub_fd(app->traced);
	for (size_t i = 0; i < APP_SOURCES_MAX; i++)
		fds[FD_PACKETS + i].fd = rest || i >= app->source_count
					     ? -1
					     : source_fd(app->sources[i]);
	fds[FD_ADAPTERS].fd = app->bluetooth.adapters.fd;
	fds[FD_DEVICES].fd = app->bluetooth.devices.fd;
	fds[FD_WIRE].fd = app_wire_is_shown(app) ? wire_fd(app->wire) : -1;
	fds[FD_THERMAL].fd = rest || app->thermal.events == NULL
				 ? -1
				 : queue_fd(app->thermal.events);
	if (!rest && app->thermal.events != NULL &&
	    queue_arm(app->thermal.events))
		deadline_ns = mono_ns;
	if (app_wire_is_shown(app) && wire_arm(app->wire))
		deadline_ns = mono_ns;
	if (!rest && engine_arm(app->engine))
		deadline_ns = mono_ns;
	if (!rest && app_arm_sources(app))
		deadline_ns = mono_ns;
	for (int i = 0; i < FD_COUNT; i++) {
		fds[i].events = i == FD_BEHIND ? POLLOUT : POLLIN;
		fds[i].revents = 0;
	}
	left = deadline_ns > mono_ns ? deadline_ns - mono_ns : 0;
	ts.tv_sec = left / CLOCK_S;
	ts.tv_nsec = left % CLOCK_S;
	ppoll(fds, FD_COUNT, &ts, NULL);
}

static void
handle_events(struct app *app, const struct pollfd *fds)
{
	int64_t mono_ns = clock_mono_ns();

	if (fds[FD_SIGNAL].revents != 0)
		handle_signals(app);
	if (fds[FD_BEHIND].revents != 0)
		term_catch_up(app->term);
	if (fds[FD_TERM].revents != 0)
		app_input(app);
	/* The terminal is gone: a second reason to end, after SIGHUP. */
	if ((fds[FD_TERM].revents & (POLLHUP | POLLERR)) != 0)
		app->deck.quit = true;
	if (mono_ns >= app->drained_mono_ns + DRAIN_NS) {
		bool busy = app_drain_calls(app);

		busy |= app_drain_packets(app);
		app_drain_kernel_view(app);
		busy |= app_thermal_read(app);
		busy |= fds[FD_TRACED].revents != 0 && app_trace_read(app);
		app->drained_mono_ns = busy && !app->loading ? mono_ns : 0;
	}
	if (app_wire_is_shown(app))
		app_look_at_wire(app);
	if (fds[FD_SOCKETS].revents != 0)
		app_read_table(app, app->sockets);
	if (fds[FD_OUTER].revents != 0)
		app_read_table(app, app->outer);
	if (fds[FD_OUTSIDE].revents != 0)
		outside_read(app->outside);
	bluetooth_scan_read(&app->bluetooth.adapters);
	bluetooth_scan_read(&app->bluetooth.devices);
	if (app->suspend)
		suspend(app);
	if (app->wants_shell)
		start_shell(app);
	engine_tick(app->engine);
	app_settle(app);
	app_thermal_settle(app);
	app_step_compare(app);
	app_step_commands(app);
	app_refresh_tables(app, mono_ns);
	app_refresh_holders(app, mono_ns);
	app_views_work(app);
	app_save(app);
}

static void
loop(struct app *app)
{
	struct pollfd fds[FD_COUNT];
	uint64_t drawn = screen_sum(app) - 1;

	while (!app->deck.quit) {
		int64_t mono_ns = clock_mono_ns();
		bool ours = may_draw(app);
		bool dirty = ours && (app->repaint || app->reading ||
					 app_wire_moves(app) ||
					 drawn != screen_sum(app));
		bool second = ours && counting(app, mono_ns) &&
			      mono_ns >= app->drawn_mono_ns + CLOCK_S;

		if ((ours && app->urgent) || second ||
		    (dirty && mono_ns >= frame_due(app))) {
			draw(app);
			drawn = screen_sum(app);
			app->drawn_mono_ns = mono_ns;
			app->urgent = dirty = false;
		}
		wait_for_events(app, fds, next_deadline(app, mono_ns, dirty));
		handle_events(app, fds);
	}
}

/* ---- start and end ---- */

static int
open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	for (const int *s = (const int[]){SIGTERM, SIGHUP, SIGINT, SIGQUIT,
		 SIGWINCH, SIGTSTP, SIGCONT, SIGCHLD, 0};
	     *s != 0; s++)
		sigaddset(&set, *s);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

static int
app_init(struct app *app, const struct cli_options *o, struct err *err)
{
	struct term_opts topts = {
	    .ascii = o->ascii,
	    .no_mouse = o->no_mouse,
	    .no_color = getenv("NO_COLOR") != NULL,
	};
	size_t at;
	int rc;

	*app = (struct app){.opts = o, .signal_fd = -1, .repaint = true};
	rc = structline_parse(&app->record, EXAMPLE, &at, err);
	if (rc < 0)
		return rc;
	deck_init(&app->deck);
	self_command(app->deck.self);
	app_thermal_init(app);
	bluetooth_scan_init(&app->bluetooth.adapters);
	bluetooth_scan_init(&app->bluetooth.devices);
	app->start_ns = clock_now_ns();
	rc = theme_load(
	    o->theme != NULL ? o->theme : "default", &app->theme, err);
	if (rc < 0)
		return rc;
	app->signal_fd = open_signals();
	if (outside_start(bt_work, &app->outside, NULL) < 0)
		app->outside = NULL;
	app_enter_lab(app);
	rc = app_open_sockets(app, err);
	if (rc < 0)
		return rc;
	if (app->outside != NULL)
		socktab_look_through(app->sockets, outside_pid(app->outside));
	if (app->outside != NULL && app->outer != NULL)
		socktab_look_through(app->outer, outside_pid(app->outside));
	rc = term_open(&topts, &app->theme,
	    o->file != NULL && strcmp(o->file, "-") == 0, &app->term, err);
	if (rc < 0)
		return rc;
	app->journal = journal_new();
	app->roster = roster_new();
	app->names = names_new();
	app->telemetry = telemetry_new();
	app->capture = capture_new(APP_STORE_BUDGET);
	app->listing = listing_new();
	app->stream = stream_new();
	app->engine = engine_new(err);
	if (app->engine == NULL)
		return -ENOMEM;
	engine_set_outside(app->engine, app->outside);
	if (app->journal == NULL || app->roster == NULL || app->names == NULL ||
	    app->telemetry == NULL || app->capture == NULL ||
	    app->listing == NULL || app->stream == NULL || !app_views_make(app))
		return err_set(err, -ENOMEM, "not enough memory to start");
	app_trace_open(app);
	return 0;
}

static void
app_done(struct app *app)
{
	saving_free(app->saving);
	compare_free(app->compare);
	trace_hub_free(app->traced);
	engine_free(app->engine);
	app_thermal_done(app);
	bluetooth_scan_stop(&app->bluetooth.adapters);
	bluetooth_scan_stop(&app->bluetooth.devices);
	app_close_sources(app);
	shell_end(&app->shell);
	app_close_file(app);
	term_close(app->term);
	canvas_free(app->canvas);
	for (int i = 0; i < SIDE_COUNT * FACE_COUNT; i++)
		pane_free(app->faces[i / FACE_COUNT][i % FACE_COUNT]);
	pane_free(app->sockets_pane);
	for (int i = 0; i < VIEW_COUNT; i++)
		pane_free(app->packet_views[i]);
	pane_free(app->help);
	marks_done(&app->deck.marks);
	listing_free(app->listing);
	stream_free(app->stream);
	structline_done(&app->record);
	structline_done(&app->sent);
	pystruct_done(&app->request);
	pystruct_done(&app->answer);
	capture_free(app->capture);
	journal_free(app->journal);
	roster_free(app->roster);
	names_free(app->names);
	telemetry_free(app->telemetry);
	socktab_free(app->sockets);
	socktab_free(app->outer);
	outside_free(app->outside);
	lab_done(&app->lab);
	if (app->signal_fd >= 0)
		close(app->signal_fd);
}

/*
 * The first picture comes before a live packet source: the kernel takes 10 to
 * 100 ms to allocate its ring, and nothing may be sent before packets are seen.
 */
static int
begin(struct app *app, struct err *err)
{
	bool file = app->opts->where == WHERE_FILE;

	if (!file)
		draw(app);
	app_open_sources(app);
	if (file && app->source_count == 0)
		return err_set(err, -ENOENT, "%s", app->deck.capture_trouble);
	if (file) /* nobody has come for the sockets */
		app->table_mono_ns = clock_mono_ns();
	app_command(app, file ? "focus packets" : "serve");
	app_step_commands(app);
	app->urgent = true;
	return 0;
}

static void
die_by(int signo)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signo);
	signal(signo, SIG_DFL);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(signo);
}

int
console_run(const struct cli_options *o)
{
	static struct app app;
	struct err err = {""};
	int rc = app_init(&app, o, &err);

	if (rc == 0)
		rc = begin(&app, &err);
	if (rc == 0)
		loop(&app);
	app_done(&app);
	if (rc < 0)
		return cli_fail("%s", err.text);
	if (app.died_of != 0)
		die_by(app.died_of);
	return CLI_DONE;
}
