"""Runs the tasks in tasks.json without modelops workers: peers.py pool|multisim CORES, in a copy of examples/starsim-sir. Prints the seconds after the imports."""

import json
import multiprocessing
import sys
import time

sys.path.insert(0, ".")


def one(task):
    from models.sir import sir
    from modelops import simulate

    return simulate(sir, *task)


def sim_of(task):
    import starsim as ss
    from models.sir import DAYS, PEOPLE

    values, seed = task
    sir = ss.SIR(beta=ss.perday(values["beta"]), init_prev=ss.bernoulli(0.01), dur_inf=ss.lognorm_ex(mean=ss.days(7)), p_death=ss.bernoulli(0))
    network = ss.RandomNet(n_contacts=ss.poisson(values["n_contacts"]))
    return ss.Sim(n_agents=PEOPLE, dur=ss.days(DAYS), dt=ss.days(1), diseases=sir, networks=network, rand_seed=seed, verbose=0)


def main(way, tasks, cores):
    started = time.perf_counter()
    if way == "pool":
        with multiprocessing.Pool(cores) as pool:
            pool.map(one, tasks, chunksize=1)
    else:
        import starsim as ss

        ss.MultiSim([sim_of(task) for task in tasks]).run(n_cpus=cores, verbose=0)
    return time.perf_counter() - started


if __name__ == "__main__":
    with open("tasks.json") as file:
        print(main(sys.argv[1], json.load(file), int(sys.argv[2])))
