"""Runs peers on the classic functions: one JSON object in, one JSON line out a run."""

import json
import multiprocessing
import sys

import cma
import numpy
import pygmo

POPULATION = 50
# Peers stop by budget and target, as ours do, not by tolerances of their own.
FOREVER = 10**9


def rosenbrock(x):
    head, tail = x[:-1], x[1:]
    return float(numpy.sum(100 * (tail - head * head) ** 2 + (1 - head) ** 2))


def rastrigin(x):
    return float(10 * len(x) + numpy.sum(x * x - 10 * numpy.cos(2 * numpy.pi * x)))


def ackley(x):
    n = len(x)
    near = -20 * numpy.exp(-0.2 * numpy.sqrt(x @ x / n))
    return float(near - numpy.exp(numpy.sum(numpy.cos(2 * numpy.pi * x)) / n) + 20 + numpy.e)


def schwefel(x):
    return float(418.9828872724338 * len(x) - x @ numpy.sin(numpy.sqrt(numpy.abs(x))))


def griewank(x):
    waves = numpy.prod(numpy.cos(x / numpy.sqrt(numpy.arange(1, len(x) + 1))))
    return float(1 + x @ x / 4000 - waves)


def function_of(name, rotation):
    if name == "ellipsoid":
        turn = numpy.array(rotation)
        n = len(turn)
        weights = 10.0 ** (6 * numpy.arange(n) / (n - 1))
        return lambda x: float(weights @ (turn @ x) ** 2)
    plain = (rosenbrock, rastrigin, ackley, schwefel, griewank)
    named = {f.__name__: f for f in plain}
    return named.get(name, lambda x: float(x @ x))


class Over(Exception):
    """The budget is spent or the last target reached."""


class Watched:
    """A function that counts, keeps the best, and ends the run when it is over."""

    def __init__(self, function, task, targets):
        self.function, self.task = function, task
        self.budget, self.targets = task["budget"], targets
        self.evaluations, self.best = 0, None
        self.hits = [None] * len(targets)

    def __call__(self, x):
        if self.evaluations >= self.budget:
            raise Over
        value = self.function(numpy.asarray(x))
        self.evaluations += 1
        if self.best is None or value < self.best:
            self.best = value
            for k, target in enumerate(self.targets):
                if self.hits[k] is None and value <= target:
                    self.hits[k] = self.evaluations
            if self.hits[-1] is not None:
                raise Over
        return value

    # What pygmo asks of a problem; it copies problems, the count must not be copied.
    def fitness(self, x):
        return [self(x)]

    def get_bounds(self):
        n = self.task["dimension"]
        return ([self.task["lower"]] * n, [self.task["upper"]] * n)

    def __deepcopy__(self, _memo):
        return self


def evolved(algorithm, size):
    def run(watched, seed):
        population = pygmo.population(pygmo.problem(watched), size, seed=seed + 1)
        algorithm(watched, seed + 1).evolve(population)

    return run


def pygmo_cmaes(watched, seed):
    n = watched.task["dimension"]
    size = 4 + int(3 * numpy.log(n))
    algorithm = pygmo.cmaes(FOREVER, ftol=0, xtol=0, force_bounds=True, seed=seed + 1)
    evolved(lambda *_: pygmo.algorithm(algorithm), size)(watched, seed)


def pygmo_de(make):
    return evolved(
        lambda _, seed: pygmo.algorithm(make(FOREVER, ftol=0, xtol=0, seed=seed)), POPULATION
    )


def pygmo_sga(**settings):
    return evolved(
        lambda _, seed: pygmo.algorithm(pygmo.sga(FOREVER, seed=seed, **settings)), POPULATION
    )


def annealing(first, last):
    def make(watched, seed):
        moves = 10 * 10 * watched.task["dimension"]
        steps = max(1, watched.budget // moves)
        return pygmo.algorithm(
            pygmo.simulated_annealing(n_T_adj=steps, Ts=first, Tf=last, seed=seed)
        )

    return evolved(make, 1)


def pycma(watched, seed):
    task = watched.task
    n, lower, upper = task["dimension"], task["lower"], task["upper"]
    options = {"bounds": [lower, upper], "seed": seed + 1, "verbose": -9, "maxfevals": FOREVER}
    generator = numpy.random.default_rng(seed + 1)
    cma.fmin2(
        watched,
        lambda: generator.uniform(lower, upper, n),
        0.3 * (upper - lower),
        options,
        bipop=True,
        restarts=FOREVER,
    )


PEERS = {
    ("pygmo", "cmaes"): pygmo_cmaes,
    ("pycma", "bipop"): pycma,
    ("pygmo", "de"): pygmo_de(pygmo.de),
    ("pygmo", "sade"): pygmo_de(pygmo.sade),
    ("pygmo", "de1220"): pygmo_de(pygmo.de1220),
    ("pygmo", "sga"): pygmo_sga(),
    ("pygmo", "sga sbx"): pygmo_sga(crossover="sbx"),
    ("pygmo", "simulated_annealing"): annealing(10, 0.1),
    # The best of some temperatures that were tried.
    ("pygmo", "simulated_annealing cold"): annealing(1e-3, 1e-10),
}


def run_of(job):
    """One run; what breaks it is kept with what it found."""
    task, peer, seed, targets = job
    watched = Watched(function_of(task["function"], task["rotation"]), task, targets)
    failure = None
    try:
        PEERS[peer](watched, seed)
    except Over:
        pass
    except Exception as error:
        failure = f"{type(error).__name__}: {error}"
    return {
        "function": task["function"],
        "dimension": task["dimension"],
        "library": peer[0],
        "method": peer[1],
        "seed": seed,
        "best": watched.best,
        "hits": watched.hits,
        "failure": failure,
    }


def main(order):
    print(json.dumps({"versions": f"pygmo {pygmo.__version__}, pycma {cma.__version__}"}))
    for task in order["tasks"]:
        probe = function_of(task["function"], task["rotation"])(numpy.array(task["probe"]))
        if abs(probe - task["probeValue"]) > 1e-9 * abs(task["probeValue"]):
            raise ValueError(f"{task['function']} is {probe}, ours {task['probeValue']}")
    jobs = [
        (task, peer, seed, order["targets"])
        for peer in PEERS
        for task in order["tasks"]
        for seed in range(order["seeds"])
    ]
    with multiprocessing.Pool() as pool:
        for run in pool.imap(run_of, jobs):
            print(json.dumps(run), flush=True)


if __name__ == "__main__":
    main(json.load(sys.stdin))
