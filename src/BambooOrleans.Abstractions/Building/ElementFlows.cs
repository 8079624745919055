namespace BambooOrleans.Building;

/// <summary>The ways to join elements. Each keeps the type of the element it returns, so that calls can be strung together.</summary>
public static class ElementFlows
{
    /// <summary>Leads from this element to <paramref name="next"/>, and goes on from there.</summary>
    /// <returns><paramref name="next"/>.</returns>
    public static TNext Extend<TNext>(this Element element, TNext next)
        where TNext : Element
    {
        element.Next.Add(next);
        return next;
    }

    /// <summary>Leads from this element to each of <paramref name="next"/>, and stays here.</summary>
    /// <returns>This element.</returns>
    public static TElement Connect<TElement>(this TElement element, params IEnumerable<Element> next)
        where TElement : Element
    {
        element.Next.AddRange(next);
        return element;
    }

    /// <summary>Goes on from <paramref name="next"/> without leading to it.</summary>
    /// <returns><paramref name="next"/>.</returns>
    public static TNext To<TNext>(this Element element, TNext next)
        where TNext : Element
    {
        ArgumentNullException.ThrowIfNull(element);
        return next;
    }

    /// <summary>Leads from the tail of every branch of this element to <paramref name="next"/>, and goes on from there.</summary>
    /// <returns><paramref name="next"/>.</returns>
    /// <exception cref="PipelineBuildException">A branch leads round in a circle.</exception>
    public static TNext Converge<TNext>(this Element element, TNext next)
        where TNext : Element
    {
        foreach (Element branch in element.Next)
        {
            // Branches that have met already lead there once.
            Element tail = branch.TailBefore(next);
            if (tail != next)
            {
                tail.Next.Add(next);
            }
        }

        return next;
    }
}
