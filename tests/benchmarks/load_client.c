/* Clients that ask as fast as they are answered: one process a client, each with one request at a
 * time. Prints one JSON object: latencies in microseconds, answers a second, failures.
 *
 *   load_client new     SOCKET CLIENTS REQUESTS HELLO REQUEST   a connection a request, two lines each
 *   load_client kept    SOCKET CLIENTS REQUESTS HELLO REQUEST   one connection a client
 *   load_client closing SOCKET CLIENTS REQUESTS "" REQUEST      oidc-agent's plain mode: it closes
 *   load_client library SOCKET CLIENTS REQUESTS ACCOUNT MIN_VALID   oidc-agent as its tools use it,
 *                                                               by liboidc-agent (encrypted)
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WARM_UP 20

static const char *socket_path, *first, *second;
static char answer[1 << 16];

static char *(*get_access_token)(const char *, time_t, const char *, const char *, const char *);
static void (*free_token)(void *, size_t);

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e6 + time.tv_nsec / 1e3;
}

static int connected(void) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, socket_path, sizeof address.sun_path - 1);
    int peer = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (peer < 0 || connect(peer, (struct sockaddr *)&address, sizeof address)) {
        perror("connect");
        exit(1);
    }
    return peer;
}

static int sent(int peer, const char *text) {
    size_t length = strlen(text);
    return write(peer, text, length) == (ssize_t)length;
}

/* Reads until this many lines are there, or with 0 until the peer closes; whether a token came. */
static int token_came(int peer, int lines) {
    size_t length = 0;
    for (;;) {
        ssize_t got = read(peer, answer + length, sizeof answer - 1 - length);
        if (got < 0) return 0;
        if (got == 0) break;
        int seen = 0;
        length += got;
        for (size_t at = 0; at < length; at++) seen += answer[at] == '\n';
        if (lines && seen >= lines) break;
    }
    answer[length] = 0;
    return strstr(answer, "\"access_token\"") != NULL;
}

static int ask_new(int lines) {
    int peer = connected(), good = 0;
    char both[8192];
    snprintf(both, sizeof both, "%s%s", first, second);
    if (sent(peer, both)) good = token_came(peer, lines);
    close(peer);
    return good;
}

static int ask_kept(void) {
    static int peer = -1;
    if (peer < 0) {
        peer = connected();
        sent(peer, first);
        token_came(peer, 1);
    }
    return sent(peer, second) && token_came(peer, 1);
}

static int ask_library(void) {
    char *token = get_access_token(first, atol(second), NULL, "benchmark", NULL);
    if (!token) return 0;
    free_token(token, strlen(token));
    return 1;
}

static int ask(const char *mode) {
    if (!strcmp(mode, "kept")) return ask_kept();
    if (!strcmp(mode, "library")) return ask_library();
    return ask_new(!strcmp(mode, "new") ? 2 : 0);
}

static int by_size(const void *one, const void *other) {
    double left = *(const double *)one, right = *(const double *)other;
    return (left > right) - (left < right);
}

int main(int count, char **words) {
    if (count != 7) return 2;
    const char *mode = words[1];
    int clients = atoi(words[3]), requests = atoi(words[4]), warm_up = requests < 100 ? 0 : WARM_UP;
    socket_path = words[2], first = words[5], second = words[6];
    if (!strcmp(mode, "library")) {
        void *library = dlopen("liboidc-agent.so.4", RTLD_NOW);
        if (!library) return fprintf(stderr, "%s\n", dlerror()), 1;
        get_access_token = dlsym(library, "getAccessToken3");
        free_token = dlsym(library, "_secFree");
        setenv("OIDC_SOCK", socket_path, 1);
    }
    size_t all = (size_t)clients * requests;
    double *took = mmap(NULL, all * sizeof *took, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int *failed = mmap(NULL, sizeof *failed, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int ready[2], go[2];
    if (pipe(ready) || pipe(go)) return 1;
    char byte = 0;
    for (int client = 0; client < clients; client++) {
        if (fork()) continue;
        close(go[1]);
        for (int i = 0; i < warm_up; i++) ask(mode);
        if (write(ready[1], &byte, 1) != 1 || read(go[0], &byte, 1) < 0) _exit(1);
        for (int i = 0; i < requests; i++) {
            double began = now();
            if (!ask(mode)) __sync_fetch_and_add(failed, 1);
            took[(size_t)client * requests + i] = now() - began;
        }
        _exit(0);
    }
    for (int client = 0; client < clients; client++)
        if (read(ready[0], &byte, 1) != 1) return 1;
    double began = now();
    close(go[1]); /* all start at once: their read ends */
    while (wait(NULL) > 0) {}
    double seconds = (now() - began) / 1e6;
    qsort(took, all, sizeof *took, by_size);
    printf("{\"p50\": %.2f, \"p99\": %.2f, \"max\": %.2f, \"per_second\": %.1f, \"failed\": %d}\n",
           took[all / 2], took[all * 99 / 100], took[all - 1], all / seconds, *failed);
    return 0;
}
