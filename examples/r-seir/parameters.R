beta <- {{ beta }}
gamma <- {{ gamma }}
seed <- {{ seed }}
