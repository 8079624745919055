namespace BambooOrleans.Simulation;

/// <summary>A small generator whose whole state is one number (splitmix64): the same seed gives the same draws on every machine.</summary>
internal sealed class SeededRandom(ulong seed)
{
    private ulong _state = seed;

    /// <summary>The next 64 bits.</summary>
    public ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        return Mix(_state);
    }

    /// <summary>A number from 0 up to, but not including, <paramref name="bound"/>.</summary>
    public int Next(int bound) => (int)((Next() >> 33) % (ulong)bound);

    /// <summary>A number from <paramref name="least"/> up to, but not including, <paramref name="bound"/>.</summary>
    public int Next(int least, int bound) => least + Next(bound - least);

    /// <summary>True once in <paramref name="many"/> times.</summary>
    public bool OnceIn(int many) => Next(many) == 0;

    /// <summary>One of some items.</summary>
    public T Draw<T>(IReadOnlyList<T> items) => items[Next(items.Count)];

    /// <summary>Bits that depend on all of the given ones.</summary>
    public static ulong Mix(ulong bits)
    {
        bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
        return bits ^ (bits >> 31);
    }

    /// <summary>Bits that depend on a text and a number, the same on every machine.</summary>
    public static ulong Mix(ulong seed, string text, int number)
    {
        ulong bits = seed ^ ((ulong)(uint)number * 0x9E3779B97F4A7C15);
        foreach (char letter in text)
        {
            bits = (bits ^ letter) * 0x100000001B3;
        }

        return Mix(bits);
    }
}
