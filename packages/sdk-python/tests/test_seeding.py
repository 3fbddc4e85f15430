import random

#: How a model draws from ``random``, and the same from a generator of its own.
DRAWS = {
    "the module": ("[random.random(), random.random()]", lambda rng: [rng.random(), rng.random()]),
    "a name": ("[drawn(), whole(1, 9), drawn()]", lambda rng: [rng.random(), rng.randint(1, 9), rng.random()]),
    "nothing": ("[0]", lambda rng: [0]),
    "one normal value": ("[random.gauss(0, 1)]", lambda rng: [rng.gauss(0, 1)]),
    "bits": ("[random.getrandbits(40), random.random()]", lambda rng: [rng.getrandbits(40), rng.random()]),
    "a shuffle": ("random.sample(range(9), 9)", lambda rng: rng.sample(range(9), 9)),
    "the generator": ("[random._inst.random(), random._inst.choice([1, 2, 3])]", lambda rng: [rng.random(), rng.choice([1, 2, 3])]),
    "the state": ("[sum(random.getstate()[1]), random.random()]", lambda rng: [sum(rng.getstate()[1]), rng.random()]),
    "a seed of its own": ("[random.seed(3), random.random()][1:]", lambda rng: [random.Random(3).random()]),
    "a state of its own": ("[random.setstate(STATE), drawn()][1:]", lambda rng: [random.Random(4).random()]),
    "threads": ("drawn_in_threads()", lambda rng: sorted(rng.random() for _ in range(4))),
}
MODEL = f"""import random
import threading
from random import random as drawn, randint as whole
from modelops import Choice, model

AT_IMPORT = random.gauss(0, 1)
STATE = random.Random(4).getstate()


def drawn_in_threads():
    values = []
    together = threading.Barrier(4)
    threads = [threading.Thread(target=lambda: (together.wait(), values.append(random.random()))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(values)


@model(parameters={{"how": Choice(*{list(DRAWS)!r})}}, outputs=["drawn"])
def draws(how):
    return {{"drawn": {{"value": [float(value) for value in {{{", ".join(f"{how!r}: lambda: {code}" for how, (code, _) in DRAWS.items())}}}[how]()]}}}}
"""


def test_random_gives_each_task_the_values_of_its_seed_however_it_is_used(start, project):
    host = start(project(**{"m.py": MODEL}))
    assert host.load("m.py", "draws", ["drawn"])["type"] == "loaded"
    order = [how for how in DRAWS for _ in range(3)]
    random.Random(1).shuffle(order)
    ran = host.run([{"how": how} for how in DRAWS], [(list(DRAWS).index(how), seed) for seed, how in enumerate(order)])
    assert ran.errors == {}
    values = iter(ran.columns["drawn"]["value"])
    for seed, (how, rows) in enumerate(zip(order, ran.rows["drawn"])):
        assert [next(values) for _ in range(rows)] == [float(value) for value in DRAWS[how][1](random.Random(seed))], how


def test_processes_that_a_model_forks_draw_different_values(start, project):
    model = """import multiprocessing, random
from modelops import Int, model

def draw(_):
    return random.random()

@model(parameters={"n": Int(1, 9)}, outputs=["drawn"])
def draws(n):
    fork = multiprocessing.get_context("fork")
    with fork.Pool(n) as pool:
        return {"drawn": {"value": pool.map(draw, range(n), chunksize=1)}}
"""
    host = start(project(**{"m.py": model}))
    host.load("m.py", "draws", ["drawn"])
    ran = host.run([{"n": 3}], [(0, 5)])
    assert ran.errors == {} and len(set(ran.columns["drawn"]["value"])) == 3
