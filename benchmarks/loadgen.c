/* A fleet of WebSocket clients in one thread: it loads hutong's socket, checks what comes back, and reports in JSON.
 *
 *   loadgen closed --port P --tokens FILE --seconds S [--in-flight K]     at most K sends outstanding in each group
 *   loadgen open   --port P --tokens FILE --seconds S --rate DELIVERIES   sends on a fixed timetable
 *   loadgen idle   --port P --tokens FILE                                 connects and holds, answering pings
 *   loadgen reader --port P --connections N                               reads bare frames from sendloop
 *
 * A line of the token file is a session's token and the numbers of its chats; the first chat is the group it talks in.
 * When every connection has its welcome and the line is quiet, {"ready":N} is printed; each line "go" on standard input
 * runs one round and prints one object; the end of the input ends the program. A delivery is a frame that reaches a
 * member because somebody spoke: `message`, or `sent` for the one who spoke.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#define TEXT_BYTES 200
#define READ_BYTES (256 * 1024)
#define HANDSHAKES_MAX 128
#define STALL_NS 5000000000ull
#define SPIN_NS 100000ull
#define SUB_BUCKETS 64
#define BUCKETS (64 * SUB_BUCKETS)

enum state { CLOSED, CONNECTING, UPGRADING, GREETING, READY };

struct connection {
    int fd;
    enum state state;
    int group;          /* index into groups, or -1 */
    uint32_t kept;      /* bytes of an unfinished frame in keep */
    uint32_t keep_size;
    char *keep;
    char *token;
    uint64_t base, newest, newest_message, frames, sum; /* the seqs seen in the group since the welcome */
};

struct group {
    uint64_t chat, sends;
    int members, members_size, turn;
    int *member;
};

static struct connection *connections;
static struct group *groups;
static int connection_count, group_count, opened, ready, broken;
static int epoll_fd, port, in_flight = 8, reader_mode, running;
static double seconds = 4, rate, round_cpu, spun_cpu;
static const char *source, *sample_path;
static uint64_t sends, acks, messages, others, errors, reads, read_bytes, disorder;
static uint64_t round_start, round_end, last_frame, histogram[BUCKETS], late[BUCKETS];
static char buffer[READ_BYTES];

static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

static double cpu_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void die(const char *what) {
    perror(what);
    exit(1);
}

/* Buckets of a 64th of a power of two: a value is known to 1.6 %. */
static int bucket_of(uint64_t ns) {
    if (ns < SUB_BUCKETS) return (int)ns;
    int power = 63 - __builtin_clzll(ns);
    return (power - 5) * SUB_BUCKETS + (int)((ns >> (power - 6)) - SUB_BUCKETS);
}

static double percentile_ms(const uint64_t *counts, double share) {
    uint64_t total = 0, seen = 0;
    for (int i = 0; i < BUCKETS; i++) total += counts[i];
    for (int i = 0; i < BUCKETS; i++) {
        seen += counts[i];
        if (total && (double)seen >= share * (double)total) {
            int power = i / SUB_BUCKETS + 5;
            if (i < SUB_BUCKETS) return i / 1e6;
            return (double)((uint64_t)(SUB_BUCKETS + i % SUB_BUCKETS + 1) << (power - 6)) / 1e6;
        }
    }
    return 0;
}

static uint64_t number_after(const char *text, size_t length, const char *name) {
    const char *at = memmem(text, length, name, strlen(name));
    uint64_t value = 0;
    if (!at) return 0;
    for (at += strlen(name); at < text + length && *at >= '0' && *at <= '9'; at++) value = value * 10 + (uint64_t)(*at - '0');
    return value;
}

/* A client's frame is masked, as the protocol wants it; the mask is not zero, so that the server has it to undo. */
static void write_frame(struct connection *c, int opcode, const char *payload, size_t length) {
    static uint32_t mask = 0x9e3779b9;
    char out[2048];
    size_t head = length < 126 ? 2 : 4;
    mask = mask * 1664525u + 1013904223u;
    out[0] = (char)(0x80 | opcode);
    out[1] = (char)(0x80 | (length < 126 ? length : 126));
    if (head == 4) out[2] = (char)(length >> 8), out[3] = (char)length;
    memcpy(out + head, &mask, 4);
    for (size_t i = 0; i < length; i++) out[head + 4 + i] = payload[i] ^ ((char *)&mask)[i & 3];
    size_t size = head + 4 + length;
    if (send(c->fd, out, size, MSG_NOSIGNAL) != (ssize_t)size) errors++;
}

/* The text bears the time that the timetable gives for it, so that a late generator cannot flatter the server. */
static void say(int g, uint64_t stamp) {
    static uint64_t ref;
    static char text[TEXT_BYTES + 1];
    struct group *group = &groups[g];
    char payload[1024];
    if (!text[0]) memset(text, 'm', TEXT_BYTES);
    snprintf(text, sizeof text, "t=%020llu", (unsigned long long)stamp);
    text[22] = ' ';
    ref++;
    int length = snprintf(payload, sizeof payload,
        "{\"do\":\"send\",\"ref\":%llu,\"chat\":%llu,\"key\":\"%08x-%04x-4000-8000-%012llx\",\"segments\":[{\"type\":\"text\",\"text\":\"%s\"}]}",
        (unsigned long long)ref, (unsigned long long)group->chat, (unsigned)(round_start / 1000), (unsigned)getpid() & 0xffff,
        (unsigned long long)ref, text);
    struct connection *c = &connections[group->member[group->turn]];
    group->turn = (group->turn + 1) % group->members;
    group->sends++;
    sends++;
    write_frame(c, 1, payload, (size_t)length);
}

static void note_latency(uint64_t *counts, const char *payload, size_t length, uint64_t at) {
    static size_t from_end; /* the tail of such a frame has the same length nearly always, so the last place is tried first */
    const char *mark = length > from_end ? payload + length - from_end : NULL;
    if (!from_end || !mark || memcmp(mark, "\"t=0", 4)) {
        mark = memmem(payload, length, "\"t=0", 4);
        if (!mark) return;
        from_end = (size_t)(payload + length - mark);
    }
    uint64_t stamp = 0;
    for (int i = 3; i < 23; i++) stamp = stamp * 10 + (uint64_t)(mark[i] - '0');
    if (at > stamp) counts[bucket_of(at - stamp)]++;
}

static void note_seq(struct connection *c, uint64_t seq, int is_message) {
    if (is_message && seq <= c->newest_message) disorder++;
    if (is_message) c->newest_message = seq;
    if (seq > c->newest) c->newest = seq;
    c->frames++;
    c->sum += seq - c->base;
}

static void take_welcome(struct connection *c, const char *payload, size_t length) {
    if (c->group >= 0) {
        char name[40];
        struct group *g = &groups[c->group];
        snprintf(name, sizeof name, "\"chat\":%llu,", (unsigned long long)g->chat);
        const char *at = memmem(payload, length, name, strlen(name));
        if (!at) {
            fprintf(stderr, "loadgen: the welcome does not name chat %llu\n", (unsigned long long)g->chat);
            exit(1);
        }
        c->base = c->newest = c->newest_message = number_after(at, (size_t)(payload + length - at), "\"last_seq\":");
        c->frames = c->sum = 0;
    }
    c->state = READY;
    ready++;
}

static void take_text(struct connection *c, const char *payload, size_t length, uint64_t at) {
    if (length < 12 || memcmp(payload, "{\"on\":\"", 7)) { others++; return; }
    const char *on = payload + 7;
    if (!memcmp(on, "message\"", 8)) {
        if (!messages++ && reader_mode) round_start = at, round_cpu = cpu_seconds(), spun_cpu = 0;
        last_frame = at;
        note_latency(histogram, payload, length, at);
        if (!reader_mode) note_seq(c, number_after(payload, length < 96 ? length : 96, "\"seq\":"), 1);
    } else if (!memcmp(on, "sent\"", 5)) {
        acks++;
        last_frame = at;
        note_seq(c, number_after(payload, length, "\"seq\":"), 0);
        if (running && rate == 0 && at < round_end) say(c->group, at);
    } else if (!memcmp(on, "welcome\"", 8)) {
        take_welcome(c, payload, length);
    } else if (!memcmp(on, "error\"", 6) || !memcmp(on, "gap\"", 4)) {
        if (errors++ < 5) fprintf(stderr, "loadgen: %.*s\n", (int)(length < 300 ? length : 300), payload);
        last_frame = at;
    } else {
        others++;
        last_frame = at;
    }
}

static void drop(struct connection *c, const char *why) {
    if (broken++ < 5) fprintf(stderr, "loadgen: a connection is lost: %s\n", why);
    if (c->state == READY) ready--;
    close(c->fd);
    c->state = CLOSED;
}

static void save_sample(const char *frame, size_t size) {
    FILE *file = fopen(sample_path, "wb");
    if (!file || fwrite(frame, 1, size, file) != size || fclose(file)) die(sample_path);
    sample_path = NULL;
}

/* Takes whole frames from the bytes; returns how many bytes were used. */
static size_t take_frames(struct connection *c, const char *bytes, size_t size, uint64_t at) {
    size_t used = 0;
    while (size - used >= 2 && c->state != CLOSED) {
        const unsigned char *head = (const unsigned char *)bytes + used;
        size_t length = head[1] & 0x7f, header = length == 127 ? 10 : length == 126 ? 4 : 2;
        if (size - used < header) break;
        if (header > 2) length = 0;
        for (size_t i = 2; i < header; i++) length = length << 8 | head[i];
        if (size - used < header + length) break;
        const char *payload = bytes + used + header;
        int opcode = head[0] & 0x0f;
        if (sample_path && length > 200 && !memcmp(payload, "{\"on\":\"message\"", 15)) save_sample(bytes + used, header + length);
        if (opcode == 1) take_text(c, payload, length, at);
        else if (opcode == 9) write_frame(c, 10, payload, length);
        else if (opcode == 8) {
            char why[160];
            int code = length >= 2 ? (unsigned char)payload[0] << 8 | (unsigned char)payload[1] : 0;
            snprintf(why, sizeof why, "close %d %.*s", code, length > 2 ? (int)(length < 100 ? length - 2 : 98) : 0, payload + 2);
            drop(c, why);
        }
        used += header + length;
    }
    return used;
}

static void ask_upgrade(struct connection *c) {
    char text[1024];
    int length = snprintf(text, sizeof text,
        "GET /socket HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: hutong.1\r\n"
        "Authorization: Bearer %s\r\n\r\n", port, c->token);
    if (send(c->fd, text, (size_t)length, MSG_NOSIGNAL) != length) drop(c, "the upgrade could not be written");
    else c->state = UPGRADING;
}

/* Returns the bytes of the HTTP answer, 0 where it is not whole yet. */
static size_t take_upgrade(struct connection *c, const char *bytes, size_t size) {
    const char *hello = "{\"do\":\"hello\",\"ref\":1,\"client\":\"desktop\"}";
    const char *end = memmem(bytes, size, "\r\n\r\n", 4);
    if (!end) return 0;
    if (size < 12 || memcmp(bytes, "HTTP/1.1 101", 12)) {
        char why[200];
        snprintf(why, sizeof why, "%.*s", (int)(size < 190 ? size : 190), bytes);
        drop(c, why);
        return size;
    }
    c->state = GREETING;
    write_frame(c, 1, hello, strlen(hello));
    return (size_t)(end + 4 - bytes);
}

static void keep(struct connection *c, const char *bytes, size_t size) {
    if (size > c->keep_size) {
        c->keep_size = (uint32_t)(size < 1024 ? 1024 : size);
        char *larger = malloc(c->keep_size);
        if (!larger) die("malloc");
        memcpy(larger, bytes, size);
        free(c->keep);
        c->keep = larger;
    } else memmove(c->keep, bytes, size);
    c->kept = (uint32_t)size;
}

static void on_readable(struct connection *c) {
    char *bytes = buffer;
    if (c->kept) memcpy(buffer, c->keep, c->kept);
    ssize_t got = recv(c->fd, buffer + c->kept, READ_BYTES - c->kept, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) { drop(c, got ? strerror(errno) : "closed by the server"); return; }
    uint64_t at = now();
    size_t size = c->kept + (size_t)got, used = 0;
    reads++;
    read_bytes += (uint64_t)got;
    if (c->state == UPGRADING) used = take_upgrade(c, bytes, size);
    if (c->state == GREETING || c->state == READY) used += take_frames(c, bytes + used, size - used, at);
    if (c->state == CLOSED) return;
    if (used < size) keep(c, bytes + used, size - used);
    else c->kept = 0;
}

static void on_ready(struct epoll_event *event) {
    struct connection *c = &connections[event->data.u32];
    if (c->state == CONNECTING) {
        int error = 0;
        socklen_t length = sizeof error;
        getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &length);
        if (error) { drop(c, strerror(error)); return; }
        struct epoll_event wanted = {.events = EPOLLIN, .data.u32 = event->data.u32};
        epoll_ctl(epoll_fd, EPOLL_CTL_MOD, c->fd, &wanted);
        if (reader_mode) { c->state = READY; ready++; }
        else ask_upgrade(c);
    } else if (c->state != CLOSED) on_readable(c);
}

static void open_connection(int index) {
    struct connection *c = &connections[index];
    struct sockaddr_in here = {.sin_family = AF_INET}, there = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int one = 1;
    there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c->fd < 0) die("socket");
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (source) {
        setsockopt(c->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
        inet_pton(AF_INET, source, &here.sin_addr);
        if (bind(c->fd, (struct sockaddr *)&here, sizeof here)) die("bind");
    }
    if (connect(c->fd, (struct sockaddr *)&there, sizeof there) && errno != EINPROGRESS) die("connect");
    c->state = CONNECTING;
    struct epoll_event wanted = {.events = EPOLLOUT, .data.u32 = (uint32_t)index};
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, c->fd, &wanted)) die("epoll_ctl");
    opened++;
}

/* Waits until the given time at the longest, and handles what is due; returns 0 where standard input has something.
 * It looks for a moment before it sleeps: to wake a sleeping reader is charged to the sender's core, and clients that
 * sit on other machines cost their server nothing of that. The time spent looking is not counted as our own CPU. */
static int turn_until(uint64_t deadline) {
    struct epoll_event events[512];
    int count = epoll_wait(epoll_fd, events, 512, 0), asked = 0;
    if (count == 0) {
        double before = cpu_seconds();
        uint64_t spin_until = now() + SPIN_NS;
        if (spin_until > deadline) spin_until = deadline;
        while ((count = epoll_wait(epoll_fd, events, 512, 0)) == 0 && now() < spin_until) sched_yield();
        spun_cpu += cpu_seconds() - before;
    }
    if (count == 0) {
        uint64_t at = now(), wait = deadline > at ? deadline - at : 0;
        struct timespec limit = {(time_t)(wait / 1000000000ull), (long)(wait % 1000000000ull)};
        count = epoll_pwait2(epoll_fd, events, 512, &limit, NULL);
    }
    for (int i = 0; i < count; i++) {
        if (events[i].data.u32 == UINT32_MAX) asked = 1;
        else on_ready(&events[i]);
    }
    return !asked;
}

static void read_tokens(const char *path) {
    FILE *file = fopen(path, "r");
    char line[1024];
    int size = 0;
    if (!file) die(path);
    while (fgets(line, sizeof line, file)) {
        if (connection_count == size) connections = realloc(connections, (size_t)(size = size * 2 + 64) * sizeof *connections);
        struct connection *c = &connections[connection_count];
        memset(c, 0, sizeof *c);
        c->token = strdup(strtok(line, " \n"));
        c->group = -1;
        char *chat = strtok(NULL, " \n");
        if (chat) {
            uint64_t number = strtoull(chat, NULL, 10);
            int g = 0;
            while (g < group_count && groups[g].chat != number) g++;
            if (g == group_count) {
                groups = realloc(groups, (size_t)(++group_count) * sizeof *groups);
                groups[g] = (struct group){.chat = number};
            }
            if (groups[g].members == groups[g].members_size)
                groups[g].member = realloc(groups[g].member, (size_t)(groups[g].members_size = groups[g].members_size * 2 + 64) * sizeof(int));
            groups[g].member[groups[g].members++] = connection_count;
            c->group = g;
        }
        connection_count++;
    }
    fclose(file);
}

static void connect_all(void) {
    uint64_t began = now();
    while (ready + broken < connection_count) {
        while (opened < connection_count && opened - ready - broken < HANDSHAKES_MAX) open_connection(opened);
        turn_until(now() + 100000000ull);
        if (now() - began > 600000000000ull) { fprintf(stderr, "loadgen: only %d of %d are connected\n", ready, connection_count); exit(1); }
    }
    for (last_frame = now(); now() - last_frame < 300000000ull;) turn_until(now() + 50000000ull);
    printf("{\"ready\":%d,\"lost\":%d,\"seconds\":%.3f}\n", ready, broken, (double)(now() - began) / 1e9);
    fflush(stdout);
}

static uint64_t expected_frames(void) {
    uint64_t total = 0;
    for (int g = 0; g < group_count; g++) total += groups[g].sends * (uint64_t)groups[g].members;
    return total;
}

/* Every member must have every seq of the round once: the count and the sum tell, whatever the order. */
static uint64_t holes(void) {
    uint64_t found = 0;
    for (int i = 0; i < connection_count; i++) {
        struct connection *c = &connections[i];
        if (c->group < 0) continue;
        uint64_t wanted = groups[c->group].sends;
        if (c->frames != wanted || c->newest - c->base != wanted || c->sum != wanted * (wanted + 1) / 2) found++;
        c->base = c->newest;
        c->frames = c->sum = 0;
    }
    return found;
}

static void drive_closed(void) {
    for (int g = 0; g < group_count; g++)
        for (int k = 0; k < in_flight && k < groups[g].members; k++) say(g, now());
    while (now() < round_end && ready > 0) turn_until(round_end);
}

/* Any group may be next, the same ones in every run: a strict turn of the groups is what no real day looks like. */
static int random_group(void) {
    static uint32_t state = 1;
    state = state * 1664525u + 1013904223u;
    return (int)((uint64_t)state * (uint64_t)group_count >> 32);
}

static void drive_open(void) {
    double members = (double)connection_count / (group_count ? group_count : 1);
    double step = 1e9 * members / rate;
    uint64_t total = (uint64_t)(seconds * 1e9 / step);
    for (uint64_t i = 0; i < total && ready > 0; i++) {
        uint64_t due = round_start + (uint64_t)((double)i * step);
        while (now() < due) turn_until(due);
        late[bucket_of(now() - due)]++;
        say(random_group(), due);
        turn_until(0);
    }
}

/* A reader's round begins with the first frame and ends with a second of quiet. */
static void drive_reader(void) {
    while (!messages && now() < round_end + STALL_NS) turn_until(now() + 100000000ull);
    while (now() - last_frame < 1000000000ull && ready > 0) turn_until(now() + 50000000ull);
}

static void run_round(void) {
    sends = acks = messages = others = errors = reads = read_bytes = disorder = 0;
    memset(histogram, 0, sizeof histogram);
    memset(late, 0, sizeof late);
    for (int g = 0; g < group_count; g++) groups[g].sends = 0;
    round_cpu = cpu_seconds();
    spun_cpu = 0;
    round_start = last_frame = now();
    round_end = round_start + (uint64_t)(seconds * 1e9);
    running = 1;
    if (reader_mode) drive_reader();
    else if (rate > 0) drive_open();
    else drive_closed();
    while (!reader_mode && messages + acks < expected_frames() && now() - last_frame < STALL_NS) turn_until(now() + 10000000ull);
    running = 0;
    double cpu = cpu_seconds() - round_cpu - spun_cpu, took = (double)(last_frame - round_start) / 1e9;
    uint64_t deliveries = messages + acks;
    printf("{\"sends\":%llu,\"acks\":%llu,\"messages\":%llu,\"deliveries\":%llu,\"missing\":%lld,\"others\":%llu,\"errors\":%llu,"
           "\"members_with_holes\":%llu,\"disorder\":%llu,\"lost\":%d,\"seconds\":%.4f,\"deliveries_per_s\":%.0f,\"cpu_s\":%.3f,"
           "\"cpu_share\":%.3f,\"reads\":%llu,\"frames_per_read\":%.2f,\"bytes\":%llu,\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"max_ms\":%.3f,\"late_p99_ms\":%.3f}\n",
           (unsigned long long)sends, (unsigned long long)acks, (unsigned long long)messages, (unsigned long long)deliveries,
           reader_mode ? 0ll : (long long)expected_frames() - (long long)deliveries, (unsigned long long)others,
           (unsigned long long)errors, (unsigned long long)(reader_mode ? 0 : holes()), (unsigned long long)disorder, broken,
           took, took > 0 ? (double)deliveries / took : 0, cpu, took > 0 ? cpu / took : 0, (unsigned long long)reads,
           reads ? (double)deliveries / (double)reads : 0, (unsigned long long)read_bytes,
           percentile_ms(histogram, 0.5), percentile_ms(histogram, 0.99), percentile_ms(histogram, 1),
           percentile_ms(late, 0.99));
    fflush(stdout);
}

static void read_options(int count, char **words) {
    static struct option names[] = {{"port", 1, 0, 'p'}, {"tokens", 1, 0, 't'}, {"seconds", 1, 0, 's'}, {"in-flight", 1, 0, 'k'},
        {"rate", 1, 0, 'r'}, {"connections", 1, 0, 'n'}, {"source", 1, 0, 'a'}, {"sample", 1, 0, 'f'}, {0}};
    int chosen;
    if (count < 2) { fprintf(stderr, "loadgen: closed, open, idle or reader?\n"); exit(2); }
    reader_mode = !strcmp(words[1], "reader");
    while ((chosen = getopt_long(count - 1, words + 1, "", names, NULL)) != -1) {
        if (chosen == 'p') port = atoi(optarg);
        else if (chosen == 't') read_tokens(optarg);
        else if (chosen == 's') seconds = atof(optarg);
        else if (chosen == 'k') in_flight = atoi(optarg);
        else if (chosen == 'r') rate = atof(optarg);
        else if (chosen == 'a') source = optarg;
        else if (chosen == 'f') sample_path = optarg;
        else if (chosen == 'n') {
            connection_count = atoi(optarg);
            connections = calloc((size_t)connection_count, sizeof *connections);
            for (int i = 0; i < connection_count; i++) connections[i].group = -1;
        } else exit(2);
    }
}

int main(int count, char **words) {
    char line[64];
    struct epoll_event wanted = {.events = EPOLLIN, .data.u32 = UINT32_MAX};
    signal(SIGPIPE, SIG_IGN);
    read_options(count, words);
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    connect_all();
    fcntl(0, F_SETFL, O_NONBLOCK);
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, 0, &wanted)) die("standard input");
    for (;;) {
        if (turn_until(now() + 1000000000ull)) continue;
        ssize_t got = read(0, line, sizeof line);
        if (got <= 0) return 0;
        if (!strncmp(line, "go", 2)) run_round();
    }
}
