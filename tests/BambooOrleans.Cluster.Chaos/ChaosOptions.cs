namespace BambooOrleans.Cluster.Chaos;

/// <summary>What a run does.</summary>
/// <param name="Time">How long there is load.</param>
/// <param name="Silos">How many silos there are.</param>
/// <param name="KillEvery">The time between two kills.</param>
/// <param name="AtOnce">How many pipelines are under way at once.</param>
/// <param name="Seed">Chooses who is killed.</param>
/// <param name="Storage">Where the silos keep the states of their grains, as <c>silo.json</c> calls it.</param>
internal sealed record ChaosOptions(TimeSpan Time, int Silos, TimeSpan KillEvery, int AtOnce, int Seed, string Storage);
