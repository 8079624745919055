namespace BambooOrleans.Hosting;

/// <summary>Tells small values from large ones without walking the large ones whole.</summary>
internal static class ValueSize
{
    /// <summary>Whether some values, as JSON, have about <paramref name="bytesMax"/> bytes at the most.</summary>
    public static bool IsAtMost(int bytesMax, params ReadOnlySpan<Value?> values)
    {
        int left = bytesMax;
        foreach (Value? value in values)
        {
            if (value is not null && !Take(value, ref left))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Take(Value value, ref int left)
    {
        switch (value)
        {
            case TextValue text:
                left -= text.Value.Length + 2;
                break;
            case MapValue map:
                foreach ((string name, Value entry) in map)
                {
                    left -= name.Length + 4;
                    if (!Take(entry, ref left))
                    {
                        return false;
                    }
                }

                break;
            case ListValue list:
                foreach (Value item in list)
                {
                    left -= 1;
                    if (!Take(item, ref left))
                    {
                        return false;
                    }
                }

                break;
            case IntValue number:
                left -= number.TryGetInt64(out _) ? 6 : number.Value.GetByteCount() * 3;
                break;
            default:
                left -= 6;
                break;
        }

        return left >= 0;
    }
}
