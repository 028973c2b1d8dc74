// sched.h: the scheduler: threads (M), processors (P), run queues, parking, goroutine creation, stopping the world.
//
// Who runs what. A thread runs Go code only while it holds a P. A runnable goroutine lies on a P's ring (or its runnext), or on the
// global queue. A thread that finds nothing gives its P to the idle list and sleeps on its futex. A thread that looks for work without
// having any is *spinning*; whoever makes work wakes one more thread only if there is an idle P and nobody spins, and the last
// spinner that finds work wakes the next: so work never waits while a P idles, and threads are not woken in herds.
// An idle P implies that all queues were empty after the last spinner gave up (find_runnable looks again after it has stopped spinning).
//
// The park protocol (ABI.md section 3): a blocking gate's begin function puts the goroutine on some queue, sets
// g->resume, g->commit and g->waitreason, and returns Outcome::kPark. The stub then calls rt_park on g0: status = waiting, commit
// (which releases the queue's lock, so that a waker can come: the goroutine may then run on another thread at once), schedule().
// A waker calls ready(g). execute(g) calls g->resume until it says kDone, then returns to Go at the stub's load of results.
//
// Locks: sched.lock protects the global queue, the idle lists, and stop/start of the world.

#ifndef GALE_RUNTIME_SCHED_SCHED_H_
#define GALE_RUNTIME_SCHED_SCHED_H_

#include "runtime/sched/g.h"
#include "runtime/sys/memory.h"

namespace gale::rt {

inline constexpr i32 kMaxProcs = 1024;
inline constexpr u32 kRunQueue = 256;

// Goroutines linked by schedlink.
struct GList {
  G* head = nullptr;
  G* tail = nullptr;
  u32 size = 0;
  bool empty() const { return head == nullptr; }
  void push(G* g);  // at the end
  void push_front(G* g);
  G* pop();
  void append(GList& other);  // takes all of it
};

struct Sched {
  SysVector<G*> all_gs;
  Lock all_gs_lock;
  u64 next_goid;
  i64 nsystem;         // system goroutines

  Lock lock;
  GList global;
  u32 global_size;     // global.size, for a look without the lock
  G* dead;             // recycled goroutines that no P keeps
  u32 ndead;
  Sudog* sudogs;

  M* idle_ms;
  u32 nidle_ms;
  u32 nidle_locked;    // threads that wait for their locked goroutine
  u32 nsystem_ms;      // sysmon, but while it holds a P or goroutines
  u32 nms, max_ms;
  u32 next_m_id;
  M* all_ms;
  P* idle_ps;
  u32 nidle_ps;
  u32 nspinning;
  P* ps[kMaxProcs];
  i32 gomaxprocs;      // ps[0, gomaxprocs) are in use
  i32 nps;             // ps[0, nps) have been made
  i32 new_procs;       // start_the_world makes it so

  u32 gc_waiting;      // the world is stopping or stopped
  i32 stop_wait;       // Ps that still run
  u32 stop_note;
  i64 stop_began;      // nanotime
  bool frozen;         // a fatal error: nothing will run again

  u32 sysmon_waiting;
  u32 sysmon_note;
  i64 last_poll;       // 0: a thread is blocked in the poller
  i64 poll_until;      // when that one comes back at the latest; 0 never
  G* force_gc;         // the goroutine that collects, while it waits to be told to
  bool gc_is_old;      // the last collection, finds sysmon
  bool gc_handed_over; // a cycle waits to be driven by force_gc
  i64 trace_ns;        // GODEBUG=schedtrace
  bool trace_detail;

  Lock exec_lock;      // held while a thread is made, and from before exec to after it

  M m0;
  G g0;
};
extern Sched sched;

[[noreturn]] void schedule();
void ready(G* g);                  // waiting -> runnable, runs next
void ready_list(GList& list);      // goroutines that are waiting: all become runnable
void enqueue(P* p, G* g, bool next);  // g's status is set here; on p's queue
void enqueue_global(G* g);

// Prepares a park: what a begin or resume function does before it returns Outcome::kPark.
Outcome park(G* g, Wait reason, ResumeFn resume, CommitFn commit = nullptr);
Outcome yield_now(G* g);           // parks as runnable, at the end of the global queue

G* new_goroutine(G* creator, const Closure* fn, uptr gopc);
void init_sched();
void init_p_caches(P* p, i32 id);

void seed_random(M* m);
u64 random_word();

// Run queues (runq.cpp).
void runq_put(P* p, G* g, bool next);
G* runq_get(P* p, bool* inherit);
bool runq_empty(const P* p);
void runq_put_list(P* p, GList& list);   // what does not fit stays in the list
G* runq_steal(P* p, P* victim, bool take_next);
void runq_drain(P* p, GList& out);
G* global_get(P* p, u32 max);            // with sched.lock: takes a share, the first is the result

// Threads (thread.cpp). All but the *_idle ones take sched.lock themselves.
void start_m(P* p, bool spinning);       // p nullptr: an idle one, if any
void stop_m(M* m);                       // sleeps until it is given a P
void handoff_p(P* p);
void count_system_m(int by);              // sysmon begins (-1) or ends (1) to do a thread's work
void acquire_p(M* m, P* p);
P* release_p(M* m);
void wake_p();                           // one more thread looks for work, by the rule above
void put_idle_p(P* p);                   // with sched.lock
P* get_idle_p();                         // with sched.lock
void stop_locked_m(M* m);
void start_locked_m(M* m, G* g);
void start_thread(M* m, void (*fn)(M*));
M* new_m();
void stop_making_threads(bool stop);
[[noreturn]] void exit_thread(M* m);

// Stopping (world.cpp). The caller runs on g0 with a P, and holds worldsema (overlay) or is the only one that can.
void stop_the_world();
void start_the_world();
void resize_procs(i32 n);
void stop_for_world(M* m);               // a thread that saw gc_waiting: gives its P up and sleeps
void freeze_the_world();                 // for fatal errors: others stop soon, for ever
inline bool world_waits() { return __atomic_load_n(&sched.gc_waiting, __ATOMIC_ACQUIRE) != 0; }

// Preemption (preempt.cpp).
enum class Ask : u8 { kFlags, kSignal };  // at the next edge or function entry; or wherever Go code may be stopped
void request_preempt(P* p, Ask how = Ask::kSignal);
void preempt_all(Ask how = Ask::kSignal);
void reset_guard(G* g);                  // stackguard0 from the bounds, or kStackPreempt if something is asked of g

void start_sysmon();
void wake_sysmon();
void trace_sched(bool detail);

// Timers and poller, as the scheduler sees them.
i64 run_timers(P* p, i64 now, bool* ran);  // fires what is due in p's heap; the time of the next one, 0 if none
i64 next_timer(P* p);                      // without the lock
bool poller_ready();
void poll_network(i64 timeout_ns, GList& out);  // < 0 blocks
bool network_active();
void wake_poller();                        // async-signal-safe
void note_timer(i64 when);                 // a timer that is earlier than what the blocked poller waits for

}  // namespace gale::rt

#endif  // GALE_RUNTIME_SCHED_SCHED_H_
