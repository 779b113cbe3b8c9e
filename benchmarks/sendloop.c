/* The yardstick R: one frame, sent with one send() to each member of each group in turn, as fast as a core can or at a
 * fixed rate. No event loop, no Python, no database: what the kernel's loopback costs, and nothing else.
 *
 *   sendloop --port P --connections N --groups G --frame FILE --seconds S [--rate DELIVERIES]
 *
 * The readers are loadgen's ("loadgen reader"). {"listening":P} is printed first, {"ready":N} once all are connected;
 * each line "go" on standard input runs one round and prints one object.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static int port, count, groups = 1, *fds;
static double seconds = 4, rate;
static char frame[65536];
static size_t frame_size;
static char *stamp; /* where the frame bears the time of its sending, 20 digits */

static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

static double cpu_seconds(void) {
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void read_frame(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file || !(frame_size = fread(frame, 1, sizeof frame, file)) || fclose(file)) die(path);
    stamp = memmem(frame, frame_size, "\"t=0", 4);
    if (!stamp) { fprintf(stderr, "sendloop: %s bears no time\n", path); exit(1); }
    stamp += 3;
}

static void accept_all(void) {
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int one = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    socklen_t length = sizeof here;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (struct sockaddr *)&here, sizeof here) || listen(listener, 4096)) die("bind");
    getsockname(listener, (struct sockaddr *)&here, &length);
    printf("{\"listening\":%d}\n", ntohs(here.sin_port));
    fflush(stdout);
    fds = malloc((size_t)count * sizeof *fds);
    for (int i = 0; i < count; i++) {
        if ((fds[i] = accept(listener, NULL, NULL)) < 0) die("accept");
        setsockopt(fds[i], IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    }
    close(listener);
    printf("{\"ready\":%d}\n", count);
    fflush(stdout);
}

static void send_to_group(int group, uint64_t at) {
    char digits[24];
    int members = count / groups;
    snprintf(digits, sizeof digits, "%020llu", (unsigned long long)at);
    memcpy(stamp, digits, 20);
    for (int i = group * members; i < (group + 1) * members; i++)
        if (send(fds[i], frame, frame_size, MSG_NOSIGNAL) != (ssize_t)frame_size) die("send");
}

static void sleep_until(uint64_t at) {
    struct timespec t = {(time_t)(at / 1000000000ull), (long)(at % 1000000000ull)};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

static void run_round(void) {
    uint64_t start = now(), end = start + (uint64_t)(seconds * 1e9), rounds = 0;
    double step = rate > 0 ? 1e9 * (count / groups) / rate : 0, cpu = cpu_seconds();
    for (;; rounds++) {
        uint64_t due = rate > 0 ? start + (uint64_t)((double)rounds * step) : now();
        if (due >= end) break;
        if (rate > 0 && now() < due) sleep_until(due);
        send_to_group((int)(rounds % (uint64_t)groups), due);
    }
    double took = (double)(now() - start) / 1e9;
    cpu = cpu_seconds() - cpu;
    uint64_t deliveries = rounds * (uint64_t)(count / groups);
    printf("{\"deliveries\":%llu,\"seconds\":%.4f,\"deliveries_per_s\":%.0f,\"cpu_s\":%.3f,\"cpu_share\":%.3f,\"frame_bytes\":%zu}\n",
           (unsigned long long)deliveries, took, (double)deliveries / took, cpu, cpu / took, frame_size);
    fflush(stdout);
}

int main(int words, char **word) {
    static struct option names[] = {{"port", 1, 0, 'p'}, {"connections", 1, 0, 'n'}, {"groups", 1, 0, 'g'}, {"frame", 1, 0, 'f'},
        {"seconds", 1, 0, 's'}, {"rate", 1, 0, 'r'}, {0}};
    char line[64];
    int chosen;
    signal(SIGPIPE, SIG_IGN);
    while ((chosen = getopt_long(words, word, "", names, NULL)) != -1) {
        if (chosen == 'p') port = atoi(optarg);
        else if (chosen == 'n') count = atoi(optarg);
        else if (chosen == 'g') groups = atoi(optarg);
        else if (chosen == 'f') read_frame(optarg);
        else if (chosen == 's') seconds = atof(optarg);
        else if (chosen == 'r') rate = atof(optarg);
        else return 2;
    }
    accept_all();
    while (fgets(line, sizeof line, stdin))
        if (!strncmp(line, "go", 2)) run_round();
    return 0;
}
